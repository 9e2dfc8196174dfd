"""What the matcher answers: the winner's plan with its instants and claims, and a verdict on every other consultant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.scheduler.grains import GRAIN_MINUTES, claim_key, grains_between, instant_at, wall_text
from services.scheduler.ground import claim_margins
from services.scheduler.problem import Consultant, Problem
from services.scheduler.rules import Rule


@dataclass(frozen=True, slots=True)
class PlacedMeeting:
    """One meeting of a plan: local day and wall time, UTC instants, and the claimed time around it (UTC)."""

    code: str
    place: str
    day: date
    wall: str
    starts_at: datetime
    ends_at: datetime
    claimed_from: datetime
    claimed_until: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole course with one consultant. `terms` add up to `cost`."""

    consultant: str
    meetings: tuple[PlacedMeeting, ...]
    cost: int
    terms: dict[str, int]

    @property
    def starts(self) -> tuple[str, ...]:
        """Wall times of the starts, "YYYY-MM-DDTHH:MM"."""
        return tuple(meeting.wall for meeting in self.meetings)

    def rank(self) -> tuple[int, tuple[str, ...], str]:
        """Order of plans: cost, then starts meeting by meeting, then consultant."""
        return self.cost, self.starts, self.consultant

    def claims(self) -> list[str]:
        """The claim keys of every half hour that the consultant is away for this course, in order, without doubles."""
        grains = {grain for one in self.meetings for grain in grains_between(one.claimed_from, one.claimed_until)}
        return [claim_key(self.consultant, grain) for grain in sorted(grains)]


@dataclass(frozen=True, slots=True)
class Feasible:
    """A consultant who could hold the course, with her cheapest plan."""

    plan: Plan

    @property
    def id(self) -> str:
        return self.plan.consultant

    def as_json(self) -> dict[str, object]:
        return {"id": self.id, "status": "feasible", "cost": self.plan.cost, "terms": self.plan.terms}


@dataclass(frozen=True, slots=True)
class Infeasible:
    """A consultant who cannot, with the first rule that says so."""

    id: str
    rule: Rule
    detail: str | tuple[str, ...] | None = None

    def as_json(self) -> dict[str, object]:
        detail = list(self.detail) if isinstance(self.detail, tuple) else self.detail
        return {"id": self.id, "status": "infeasible", "rule": self.rule, "detail": detail}


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one problem; `others` is None where it was not asked for."""

    winner: Plan | None
    others: tuple[Feasible | Infeasible, ...] | None = None
    # The place of the second consultant; none is searched for yet.
    second: str | None = None

    def as_json(self, *, milliseconds: float) -> dict[str, object]:
        """The result object of the file format; the same problem gives the same object but for `milliseconds`."""
        plan = self.winner
        return {
            "status": "found" if plan else "none",
            "consultant": plan.consultant if plan else None,
            "starts": list(plan.starts) if plan else None,
            "second": self.second,
            "cost": plan.cost if plan else None,
            "terms": plan.terms if plan else None,
            "others": None if self.others is None else [verdict.as_json() for verdict in self.others],
            "milliseconds": milliseconds,
        }


def place_meetings(
    problem: Problem, consultant: Consultant, starts: Sequence[tuple[int, int]]
) -> tuple[PlacedMeeting, ...]:
    """Give a chain's (day of the horizon, half hour) its wall times, instants and claims."""
    placed = []
    for meeting, (index, half_hour) in zip(problem.meetings, starts, strict=True):
        day, minute = problem.horizon.first + timedelta(days=index), half_hour * GRAIN_MINUTES
        starts_at = instant_at(day, minute, problem.horizon.zone)
        ends_at = starts_at + timedelta(minutes=meeting.minutes)
        before, after = claim_margins(problem, consultant, meeting.place)
        placed.append(
            PlacedMeeting(
                code=meeting.code,
                place=meeting.place,
                day=day,
                wall=wall_text(day, minute),
                starts_at=starts_at,
                ends_at=ends_at,
                # No clock change touches a claim, so its length on the wall is its length in time.
                claimed_from=starts_at - timedelta(minutes=before * GRAIN_MINUTES),
                claimed_until=ends_at + timedelta(minutes=after * GRAIN_MINUTES),
            )
        )
    return tuple(placed)
