"""What the matcher is asked about a course that is booked already: as if it held nothing, beside what is booked."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.scheduler.availability import free_wide
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Impossible
from services.scheduler.course_plan import question_of
from services.scheduler.grains import wall_of
from services.scheduler.means import Means
from services.scheduler.plan_of_course import plan_of
from services.scheduler.problem import Booked, Problem
from services.scheduler.refusals import without_refused
from services.scheduler.sought import without_excluded
from shared.wall_times import minutes_of_day

MOVED_BY_US: Final = timedelta(days=14)
"""A meeting that a repair has to move lies at least so far ahead, so that people can make room for it."""
TAKEN_OVER_BY_US: Final = timedelta(days=1)
"""Whoever takes a meeting over by a repair sets out for it so much later at the earliest: she has to read of it first."""
MOVED_BY_HAND: Final = timedelta(days=1)
"""A coordinator has talked with people before she moves a meeting."""


class Asked(NamedTuple):
    """A booked course and the problem in which it is free."""

    problem: Problem
    booked: Booked


def ask_about(before: Before, course: Course, *, means: Means) -> Asked | Impossible:
    """The question about a booked course, without the people whom `course`, the wanted one, excludes, and the times refused."""
    matter = before.opened.matter
    if matter is None:
        return Impossible("erased")
    sittings = before.course.sittings
    if before.course.consultant_id is None or not sittings:
        return Impossible("state")
    plan = plan_of(course, matter, means.programme)
    if plan is None:
        return Impossible("plan")
    starts = {one.code: _wall(one.wall_start) for one in sittings}
    problem = question_of(
        course.request,
        course.window,
        matter,
        calendar=means.calendar,
        programme=means.programme,
        municipalities=means.municipalities,
        workplace_key=means.workplace_key,
        today=means.today(),
        begins=min(means.today(), _wall(sittings[0].wall_start)[0]),
        without=course.application_id,
        plan=plan,
        venues=before.opened.venues,
    )
    booked = Booked(
        consultant=before.course.consultant_id,
        second=before.course.second_id,
        # What the wanted course has been given beside what is booked has none yet.
        starts=tuple(starts.get(one.code) for one in plan),
    )
    return Asked(without_refused(without_excluded(_with_their_places(problem, booked), course), course), booked)


def _with_their_places(problem: Problem, booked: Booked) -> Problem:
    """Whoever holds the course has a place for it, also where her limit was lowered since: what she has stays hers."""
    holders = (booked.consultant, booked.second)
    return replace(
        problem,
        consultants=tuple(
            replace(one, active_courses=one.max_courses - 1)
            if one.id in holders and one.active_courses >= one.max_courses
            else one
            for one in problem.consultants
        ),
    )


def warned(asked: Asked, until: datetime) -> Asked:
    """The question in which nobody who is new to the course can have anything to do for it before an instant."""
    problem, booked = asked
    horizon = problem.horizon
    bound = wall_of(until, horizon.zone)
    if not any(one is not None and one[0] <= bound[0] for one in booked.starts):
        # Not even the way there begins so soon.
        return asked
    time_left = free_wide(horizon, [((horizon.wide_first, 0), bound)])
    holders = (booked.consultant, booked.second)
    people = (one if one.id in holders else replace(one, free=one.free & time_left) for one in problem.consultants)
    return asked._replace(problem=replace(problem, consultants=tuple(people)))


def after(now: datetime) -> datetime:
    """The matcher's "now": for it a meeting is past that starts before, for us one that starts now has begun too."""
    return now + timedelta(microseconds=1)


def _wall(moment: str) -> tuple[date, int]:
    day, _, clock = moment.partition("T")
    return date.fromisoformat(day), minutes_of_day(clock)
