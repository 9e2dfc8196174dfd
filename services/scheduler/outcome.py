"""What the matcher answers: the winner's plan with its instants and claims, the second consultant's, and a verdict on all others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, partial

from services.scheduler.costs import added, dated_terms, personal_terms
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
    # It lay in the past when the course was repaired; nothing of it is claimed any more.
    past: bool = False


@dataclass(frozen=True)
class Plan:
    """What one consultant has of a course: its meetings (the second one: those marked `co`). `terms` add up to `cost`.

    `at` are the starts of all meetings of the course, as (day of the horizon, half hour of that day). The meetings are
    placed when they are asked for: most plans are only compared.
    """

    consultant: str
    cost: int
    terms: dict[str, int]
    at: tuple[tuple[int, int], ...]
    placed: Callable[[], tuple[PlacedMeeting, ...]] = field(repr=False, compare=False)

    @cached_property
    def meetings(self) -> tuple[PlacedMeeting, ...]:
        return self.placed()

    @property
    def starts(self) -> tuple[str, ...]:
        """Wall times of the starts, "YYYY-MM-DDTHH:MM"."""
        return tuple(meeting.wall for meeting in self.meetings)

    def claims(self) -> list[str]:
        """The claim keys of every half hour that she is away for this course, in order, without doubles.

        Of meetings that are past nothing is claimed.
        """
        held = (one for one in self.meetings if not one.past)
        grains = {grain for one in held for grain in grains_between(one.claimed_from, one.claimed_until)}
        return [claim_key(self.consultant, grain) for grain in sorted(grains)]


@dataclass(frozen=True, slots=True)
class Feasible:
    """A consultant who could hold the course, with her cheapest plan, and with the best second one where one is needed."""

    plan: Plan
    second: Plan | None = None

    @property
    def id(self) -> str:
        return self.plan.consultant

    @property
    def cost(self) -> int:
        """Of both consultants."""
        return self.plan.cost + (self.second.cost if self.second else 0)

    @property
    def terms(self) -> dict[str, int]:
        """Of both consultants."""
        return added(self.plan.terms, self.second.terms if self.second else {})

    def as_json(self) -> dict[str, object]:
        return {"id": self.id, "status": "feasible", "cost": self.cost, "terms": self.terms}


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
    """The answer to one problem: the winner's plan, and the second consultant's; `others` is None where not asked for."""

    winner: Plan | None
    others: tuple[Feasible | Infeasible, ...] | None = None
    second: Plan | None = None

    @classmethod
    def of(cls, found: Feasible | None, others: tuple[Feasible | Infeasible, ...] | None = None) -> "Result":
        return cls(None, others) if found is None else cls(found.plan, others, found.second)

    def as_json(self, *, milliseconds: float) -> dict[str, object]:
        """The result object of the file format; the same problem gives the same object but for `milliseconds`."""
        found = Feasible(self.winner, self.second) if self.winner else None
        return {
            "status": "found" if found else "none",
            "consultant": found.id if found else None,
            "starts": list(found.plan.starts) if found else None,
            "second": self.second.consultant if self.second else None,
            "cost": found.cost if found else None,
            "terms": found.terms if found else None,
            "others": None if self.others is None else [verdict.as_json() for verdict in self.others],
            "milliseconds": milliseconds,
        }


def plan_of(
    problem: Problem,
    consultant: Consultant,
    starts: Sequence[tuple[int, int]],
    *,
    as_second: bool = False,
    waited_to: int | None = None,
    past: int = 0,
) -> Plan:
    """What a consultant has of a course whose meetings all start at (day of the horizon, half hour of that day).

    The terms of the dates belong to the primary consultant's plan. Waiting is counted to the first meeting's day, or
    to `waited_to`; the first `past` meetings are past.
    """
    dated = {} if as_second else dated_terms(problem, starts, waited_to=waited_to)
    terms = added(dated, personal_terms(problem, consultant, as_second=as_second))
    placed = partial(place_meetings, problem, consultant, starts, as_second=as_second, past=past)
    return Plan(consultant.id, sum(terms.values()), terms, tuple(starts), placed)


def place_meetings(
    problem: Problem,
    consultant: Consultant,
    starts: Sequence[tuple[int, int]],
    *,
    as_second: bool = False,
    past: int = 0,
) -> tuple[PlacedMeeting, ...]:
    """Give (day of the horizon, half hour) of every meeting its wall times, instants and claims.

    The first `past` meetings are past: they stay where they are, whoever held them. A second consultant has the
    meetings marked `co` alone.
    """
    placed = []
    for place, (meeting, (index, half_hour)) in enumerate(zip(problem.meetings, starts, strict=True)):
        if as_second and not meeting.co:
            continue
        day, minute = problem.horizon.first + timedelta(days=index), half_hour * GRAIN_MINUTES
        starts_at = instant_at(day, minute, problem.horizon.zone)
        ends_at = starts_at + timedelta(minutes=meeting.minutes)
        before, after = (0, 0) if place < past else claim_margins(problem, consultant, meeting.place)
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
                past=place < past,
            )
        )
    return tuple(placed)
