"""What is wrong with a programme file, said so that the one who wrote it finds the place and knows what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

_OWN: Final = "programme"


@dataclass(frozen=True, slots=True)
class ProgrammeFault:
    """One wrong field: `path` as in `plans.joint.meetings[3].gap_days.min`, `text` a clause that follows it."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class ProgrammeError(ValueError):
    """The programme cannot be used. All faults that could be found are listed at once."""

    def __init__(self, source: str, faults: Sequence[ProgrammeFault]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n".join([f"{source} cannot be used:", *(f"  - {fault}" for fault in faults)]))


def fault_at(inner: str, text: str) -> PydanticCustomError:
    """Return the error that a validator raises about a field inside of what it validates, e.g. `[2].gap_days`."""
    return PydanticCustomError(_OWN, "{text}", {"inner": inner, "text": text})


def faults_of(error: ValidationError, known: Sequence[str]) -> list[ProgrammeFault]:
    """Return one fault per wrong field; `known` are the names among which a misspelt one is looked for."""
    return [_fault(details, known) for details in error.errors(include_url=False)]


def _fault(details: ErrorDetails, known: Sequence[str]) -> ProgrammeFault:
    path = _path(details["loc"])
    match details["type"]:
        case "missing":
            return ProgrammeFault(path, "is missing: add it")
        case "extra_forbidden":
            near = get_close_matches(str(details["loc"][-1]), known, n=1)
            return ProgrammeFault(
                path, f"is not known here: did you mean {near[0]!r}?" if near else "is not known here"
            )
        case kind if kind == _OWN:
            inner = str(details["ctx"]["inner"])
            joined = path + inner if not path or not inner or inner.startswith("[") else f"{path}.{inner}"
            return ProgrammeFault(joined, details["msg"])
        case _:
            message = details["msg"].removeprefix("Value error, ")
            return ProgrammeFault(path, message[:1].lower() + message[1:])


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
