"""Takes a whole roster in, line by line: each good line is saved, each bad one is reported and changes nothing else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from services.scheduler.means import Means
from services.scheduler.roster_check import RosterFault
from services.scheduler.roster_file import RosterLine
from services.scheduler.save_consultant import save_consultant
from shared.staff.staff import PROGRAM, Staff
from shared.vault import ErasedError

Outcome = Literal["added", "changed", "unchanged", "faulty"]


@dataclass(frozen=True, slots=True)
class LineReport:
    """What became of one line of the file."""

    line: int
    id: str | None
    outcome: Outcome
    faults: tuple[RosterFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    lines: tuple[LineReport, ...]

    def as_json(self) -> dict[str, Any]:
        counts = Counter(line.outcome for line in self.lines)
        totals = {outcome: counts[outcome] for outcome in ("added", "changed", "unchanged", "faulty")}
        return {**totals, "lines": [asdict(line) for line in self.lines]}


async def import_roster(lines: Sequence[RosterLine], *, staff: Staff = PROGRAM, means: Means) -> ImportReport:
    """Save the good lines; whoever is in the roster and not in the file stays as she is.

    Raises:
        DependencyDownError: something went away on the way; repeating the import does the rest.

    """
    return ImportReport(tuple([await _one(line, staff=staff, means=means) for line in lines]))


async def _one(line: RosterLine, *, staff: Staff, means: Means) -> LineReport:
    if line.entry is None:
        return LineReport(line.number, line.consultant_id, "faulty", line.faults)
    try:
        saved = await save_consultant(line.entry, staff=staff, means=means)
    except ErasedError:
        fault = RosterFault("id", "belonged to somebody who was erased: take a new id")
        return LineReport(line.number, line.consultant_id, "faulty", (fault,))
    return LineReport(line.number, line.consultant_id, saved)
