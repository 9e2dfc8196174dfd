"""Repair of a booked course with the least change: what is past stays, and as few meetings and people change as can be.

Fewest meetings still to come whose start differs, then fewest changed people, then least cost, then the ties of every search.
The search is that of a new course over the meetings still to come, in which each change has a price above all costs.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from services.scheduler.availability import WallTime
from services.scheduler.costs import added, personal_terms
from services.scheduler.found import Found, Seat
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY, instant_at, wall_of
from services.scheduler.ground import Ground, Kept
from services.scheduler.matching import Search, answer, needs_second
from services.scheduler.outcome import Feasible, Plan, Result, place_meetings, plan_of
from services.scheduler.problem import Booked, Consultant, Problem
from services.scheduler.rules import refused_as_second
from services.scheduler.second import Seconds


def repair(
    problem: Problem,
    booked: Booked,
    now: datetime,
    *,
    moved_from: datetime | None = None,
    others: bool = False,
    excluded: Collection[str] = (),
    only: Collection[str] | None = None,
) -> Result:
    """Find the course that is nearest to the booked one under all rules; the options are those of `match`.

    The problem must not know of this course: its claims are free in the bitmaps, and active_courses does not count
    it. A meeting is past that starts before `now`: it never moves, no rule is asked of it, and the gap after it binds.
    What moves starts at `moved_from` or later, and never before `now`; so does what was added, at no price for a move.
    Added is only what comes after all that is past, and never the first meeting. Waiting costs what it cost as booked; every
    other cost is that of the whole course, as if whoever is found held all of it. Where no meeting with a second
    consultant is left to come, she stays who she was.
    """
    past = past_meetings(problem, booked, now)
    people = [consultant for consultant in problem.consultants if consultant.id not in excluded]
    rest = _still_to_come(problem, past)
    able = [one for one in people if not refused_as_second(problem, one)] if needs_second(rest) else []
    prices = _Prices(problem, booked, people, able)
    held = booked_starts(problem, replace(booked, starts=booked.starts[:past]))
    waited_to = booked_starts(problem, replace(booked, starts=booked.starts[:1]))[0][0]
    kept = Kept(
        after=held[-1][0] if past else None,
        starts=tuple(_counted(problem, one) for one in booked.starts[past:]),
        move_cost=prices.move,
        not_before=half_hours_until(problem, max(now, moved_from or now)),
    )
    ground = Ground(rest, kept)

    def place(found: Found) -> Feasible:
        whole = (*held, *found.starts)
        plan = plan_of(problem, found.primary, whole, waited_to=waited_to, past=past)
        if found.second is not None:
            return Feasible(plan, plan_of(problem, found.second, whole, as_second=True, past=past))
        stays = booked.second if needs_second(problem) and not needs_second(rest) else None
        return Feasible(plan, None if stays is None else as_before(problem, stays, found.primary, whole))

    search = Search(
        ground=ground,
        roster=[consultant for consultant in people if only is None or consultant.id in only],
        price=prices.of_primary,
        seconds=Seconds(ground, [Seat(prices.of_second(one), one) for one in able]) if needs_second(rest) else None,
        place=place,
    )
    return answer(search, others=others)


def past_meetings(problem: Problem, booked: Booked, now: datetime) -> int:
    """How many of the booked meetings start before an instant."""
    zone = problem.horizon.zone
    return sum(one is not None and instant_at(*one, zone) < now for one in booked.starts)


def half_hours_until(problem: Problem, instant: datetime) -> int:
    """Half hours of the wall from midnight of the horizon's first day to an instant, a begun one counted whole.

    Exact for every start that a clock change does not skip or repeat, and no other one is possible.
    """
    day, minute = wall_of(instant + timedelta(minutes=1, microseconds=-1), problem.horizon.zone)
    return (day - problem.horizon.first).days * GRAINS_PER_DAY - (-minute // GRAIN_MINUTES)


def booked_starts(problem: Problem, booked: Booked) -> tuple[tuple[int, int], ...]:
    """(day of the horizon, half hour of that day) by meeting; the day may lie outside the horizon.

    Raises:
        ValueError: a meeting was added and has no start yet.

    """
    starts = [_counted(problem, one) for one in booked.starts]
    if None in starts:
        raise ValueError("a meeting is not booked yet")
    return tuple(one for one in starts if one is not None)


def _counted(problem: Problem, start: WallTime | None) -> tuple[int, int] | None:
    return None if start is None else ((start[0] - problem.horizon.first).days, start[1] // GRAIN_MINUTES)


def _still_to_come(problem: Problem, past: int) -> Problem:
    meetings = problem.meetings[past:]
    return replace(
        problem,
        meetings=meetings,
        weights=replace(problem.weights, wait_day=0),
        second_needed=problem.second_needed and any(meeting.co for meeting in meetings),
        # Prices of a repair are other ones.
        grouped=None,
    )


def as_before(problem: Problem, second: str, primary: Consultant, starts: Sequence[tuple[int, int]]) -> Plan:
    """The part of a second consultant whose meetings are all past; it costs nothing where the roster knows her no more."""
    past = len(starts)
    known = next((consultant for consultant in problem.consultants if consultant.id == second), None)
    if known is not None:
        return plan_of(problem, known, starts, as_second=True, past=past)
    placed = partial(place_meetings, problem, primary, starts, as_second=True, past=past)
    return Plan(second, 0, added(), tuple(starts), placed)


class _Prices:
    """What people cost whatever the days; a changed person costs more than all terms together, a moved meeting still more."""

    def __init__(
        self, problem: Problem, booked: Booked, people: Sequence[Consultant], seconds: Sequence[Consultant]
    ) -> None:
        self._problem, self._booked = problem, booked
        weights = problem.weights
        gaps = [max(one.gap.ideal - one.gap.min, one.gap.max - one.gap.ideal) for one in problem.meetings if one.gap]
        dated = weights.gap_day * sum(gaps)
        dated += (weights.outside_preferred + weights.avoided_weekday) * len(problem.meetings)
        primary = max((self._personal(one) for one in people), default=0)
        second = max((self._personal(one, as_second=True) for one in seconds), default=0)
        self._change = dated + primary + second + 1
        self.move = dated + primary + second + 2 * self._change + 1

    def of_primary(self, consultant: Consultant) -> int:
        changed = consultant.id != self._booked.consultant
        return self._personal(consultant) + self._change * changed

    def of_second(self, consultant: Consultant) -> int:
        changed = consultant.id != self._booked.second
        return self._personal(consultant, as_second=True) + self._change * changed

    def _personal(self, consultant: Consultant, *, as_second: bool = False) -> int:
        return sum(personal_terms(self._problem, consultant, as_second=as_second).values())
