"""Pins a consultant to a course or excludes one from it, or takes that back, and has a booked course follow."""

from services.scheduler.acts import Exclude, Include, Pin, Unpin
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.means import Means
from services.scheduler.rebook import repaired


def plan_pin(before: Before, act: Pin, *, means: Means) -> Change | Impossible:
    """She alone may lead it; who was excluded before is no longer."""
    course = before.course
    facts = means.calendar.facts_of(act.consultant)
    if facts is None or not facts.active:
        return Impossible("consultant")
    if course.pinned == act.consultant:
        return Impossible("unchanged")
    excluded = tuple(one for one in course.excluded if one != act.consultant)
    wanted = course.model_copy(update={"pinned": act.consultant, "excluded": excluded})
    return _followed(before, wanted, means=means, matters=course.consultant_id != act.consultant)


def plan_unpin(before: Before, act: Unpin, *, means: Means) -> Change | Impossible:
    del act, means
    if before.course.pinned is None:
        return Impossible("unchanged")
    return _noted(before, before.course.model_copy(update={"pinned": None}))


def plan_exclude(before: Before, act: Exclude, *, means: Means) -> Change | Impossible:
    """Whether the roster has her or not: she may come back to it. Where she was pinned, nobody is any more."""
    course = before.course
    if act.consultant in course.excluded:
        return Impossible("unchanged")
    pinned = None if course.pinned == act.consultant else course.pinned
    wanted = course.model_copy(update={"pinned": pinned, "excluded": (*course.excluded, act.consultant)})
    matters = act.consultant in (course.consultant_id, course.second_id)
    return _followed(before, wanted, means=means, matters=matters)


def plan_include(before: Before, act: Include, *, means: Means) -> Change | Impossible:
    del means
    course = before.course
    if act.consultant not in course.excluded:
        return Impossible("unchanged")
    excluded = tuple(one for one in course.excluded if one != act.consultant)
    return _noted(before, course.model_copy(update={"excluded": excluded}))


def _followed(before: Before, wanted: Course, *, means: Means, matters: bool) -> Change | Impossible:
    """`matters`: what is booked breaks with what staff want. A waiting course is left to the waiting list."""
    if wanted.state == "booked" and matters:
        return repaired(before, wanted, means=means)
    return _noted(before, wanted)


def _noted(before: Before, wanted: Course) -> Change:
    return Change(course=wanted, held=kept(before))
