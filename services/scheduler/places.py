"""Where one meeting of a booked course could lie if all else stays: for a coordinator who moves it by hand."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.scheduler.availability import DAY_MASK
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY, instant_at, wall_text
from services.scheduler.ground import Ground, Kept
from services.scheduler.outcome import Feasible, plan_of
from services.scheduler.problem import Booked, Consultant, Problem
from services.scheduler.repair import as_before, booked_starts, half_hours_until, past_meetings


@dataclass(frozen=True, slots=True)
class Place:
    """A start that the meeting could have (wall time "YYYY-MM-DDTHH:MM", and instant), and the whole course as it would then be."""

    start: str
    starts_at: datetime
    course: Feasible


def places_for(
    problem: Problem, booked: Booked, now: datetime, meeting: int, *, moved_from: datetime | None = None
) -> list[Place]:
    """Every start of one meeting, counted from 0, under the rules of place and time and both gaps, in order of time.

    The problem must not know of this course, as for `repair`; cost and `moved_from` are as there. The present start
    is listed where it still obeys the rules. Raises ValueError where the meeting is past, or the roster knows a
    booked consultant no more who has meetings to come.
    """
    if meeting < past_meetings(problem, booked, now):
        raise ValueError("a meeting that is past cannot be moved")
    starts = booked_starts(problem, booked)
    one = replace(problem, meetings=(replace(problem.meetings[meeting], gap=None),), second_needed=False)
    not_before = half_hours_until(problem, max(now, moved_from or now))
    kept = Kept(after=None, starts=(starts[meeting],), move_cost=0, not_before=not_before)
    ground = Ground(one, kept)
    free = ground.starts(_known(problem, booked.consultant), 0)[-1]
    if booked.second is not None and problem.meetings[meeting].co:
        free &= ground.starts(_known(problem, booked.second), 0)[-1]
    make, first, found = _Courses(problem, booked, now), problem.horizon.first, []
    for day in _days_between(problem, starts, meeting):
        of_day = free >> day * GRAINS_PER_DAY & DAY_MASK
        for half_hour in range(GRAINS_PER_DAY):
            if of_day >> half_hour & 1:
                moved = (*starts[:meeting], (day, half_hour), *starts[meeting + 1 :])
                # Of most courses only the cost is looked at, so their meetings are not placed here.
                wall = first + timedelta(days=day), half_hour * GRAIN_MINUTES
                found.append(Place(wall_text(*wall), instant_at(*wall, problem.horizon.zone), make(moved)))
    return found


def as_booked(problem: Problem, booked: Booked, now: datetime) -> Feasible:
    """The plan, cost and claims of a booked course as it stands; no rule is asked of it. ValueError as in `places_for`."""
    return _Courses(problem, booked, now)(booked_starts(problem, booked))


class _Courses:
    """Makes the course of the same people with other starts; what does not depend on those is worked out once."""

    def __init__(self, problem: Problem, booked: Booked, now: datetime) -> None:
        self._problem, self._booked = problem, booked
        self._primary = _known(problem, booked.consultant)
        self._past = past_meetings(problem, booked, now)
        to_come = any(meeting.co for meeting in problem.meetings[self._past :])
        self._second = None if booked.second is None or not to_come else _known(problem, booked.second)
        self._waited_to = booked_starts(problem, booked)[0][0]

    def __call__(self, starts: tuple[tuple[int, int], ...]) -> Feasible:
        problem, past = self._problem, self._past
        plan = plan_of(problem, self._primary, starts, waited_to=self._waited_to, past=past)
        if self._second is None:
            stays = self._booked.second
            return Feasible(plan, None if stays is None else as_before(problem, stays, self._primary, starts))
        return Feasible(plan, plan_of(problem, self._second, starts, as_second=True, past=past))


def _days_between(problem: Problem, starts: tuple[tuple[int, int], ...], meeting: int) -> range:
    """Days of the horizon that keep the gaps to the meetings before and after."""
    low, high = 0, problem.horizon.days - 1
    before = problem.meetings[meeting].gap
    if before is not None:
        low, high = max(low, starts[meeting - 1][0] + before.min), min(high, starts[meeting - 1][0] + before.max)
    if meeting + 1 < len(starts):
        after = problem.meetings[meeting + 1].gap
        if after is not None:
            low, high = max(low, starts[meeting + 1][0] - after.max), min(high, starts[meeting + 1][0] - after.min)
    return range(low, high + 1)


def _known(problem: Problem, consultant_id: str) -> Consultant:
    for consultant in problem.consultants:
        if consultant.id == consultant_id:
            return consultant
    raise ValueError("the roster knows a consultant of this course no more")
