"""When a change is told: changes that follow each other closely are told together, everything else at once. Pure."""

from datetime import datetime, timedelta
from typing import Final

from services.notifier.course_view import Settling, ToldCourse, View
from services.notifier.planned import Plan
from shared.course_facts import Cause
from shared.events import CourseState

SETTLES_MAX: Final = 5
"""Changes that never end are told after so many times the quiet that is waited for."""


def settled(
    view: View, state: CourseState, plan: Plan, *, now: datetime, quiet: timedelta, traceparent: str
) -> Settling | None:
    """What is left to be told later of a newer state that would send `plan`; None: nothing, it is told at once.

    Where others may already be telling what waited, also what goes at once is first marked as being told.
    """
    waits, causes = view.settling, causes_with(view, state)
    if not plan.messages or (waits is None and not _may_wait(view, state, quiet)):
        return None
    since = waits.since if waits else now
    kept = Settling(since=since, due=now, causes=causes, traceparent=waits.traceparent if waits else traceparent)
    if not _may_wait(view, state, quiet):
        return kept.model_copy(update={"telling": True})
    if waits and not _changes(view, state):
        return kept.model_copy(update={"due": waits.due})
    return kept.model_copy(update={"due": min(now + quiet, since + SETTLES_MAX * quiet)})


def causes_with(view: View, state: CourseState) -> tuple[Cause, ...]:
    """Why the course is other than people know: the causes of all changes that they were not told of, in their order."""
    earlier = view.settling.causes if view.settling else ()
    if state.cause is None or state.cause in earlier or not _rebooked(view, state):
        return earlier
    return (*earlier, state.cause)


def _may_wait(view: View, state: CourseState, quiet: timedelta) -> bool:
    """Changes of a booked course that people were told of. A first booking and the end of a course are news at once."""
    told = view.told_course
    return bool(quiet) and state.state == "booked" and told is not None and told.state == "booked"


def _changes(view: View, state: CourseState) -> bool:
    """Whether the event brings anything but, say, an answer that was noted."""
    return view.course is None or ToldCourse.of(view.course) != ToldCourse.of(state)


def _rebooked(view: View, state: CourseState) -> bool:
    """Whether what was booked changed: what is merely in doubt still has the cause of some change before."""
    return view.course is None or _booked(view.course) != _booked(state)


def _booked(state: CourseState) -> ToldCourse:
    return ToldCourse.of(state).model_copy(update={"stall": None})
