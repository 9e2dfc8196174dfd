"""Puts a course back on the waiting list, lets it be tried again, and gives one that waits more time."""

from datetime import timedelta
from typing import Final

from services.scheduler.acts import ExtendWindow, PutBack, TryAgain
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.means import Means
from services.scheduler.remeet import called_off
from shared.events import ApplicationWaitlisted

EXTENDED_DAYS_MAX: Final = 366
"""A window may be extended to so many days from today."""


def plan_put_back(before: Before, act: PutBack, *, means: Means) -> Change | Impossible:
    """Only before its first meeting: what has begun can be moved, taken over or cancelled, but not begin again."""
    del act, means
    course = before.course
    if course.state != "booked":
        return Impossible("state")
    if any(meeting.start <= before.now for meeting in course.sittings):
        return Impossible("begun")
    news = {
        "state": "waiting",
        "held": True,
        "consultant_id": None,
        "second_id": None,
        "reasons": {},
        "decision": None,
        "decided_at": before.now,
        "stall": None,
        "meetings": tuple(called_off(meeting, before.now) for meeting in course.meetings),
        # It begins anew, with the programme's plan. Its venues stay known: cancelled meetings were to be held there.
        "plan": (),
    }
    return Change(course=course.model_copy(update=news), held={}, kind=ApplicationWaitlisted)


def plan_try_again(before: Before, act: TryAgain, *, means: Means) -> Change | Impossible:
    """The waiting list takes it up in its turn."""
    del act, means
    if before.course.state != "waiting":
        return Impossible("state")
    if not before.course.held:
        return Impossible("unchanged")
    tried = before.course.model_copy(update={"held": False, "decided_at": before.now})
    return Change(course=tried, held={}, kind=ApplicationWaitlisted)


def plan_extend_window(before: Before, act: ExtendWindow, *, means: Means) -> Change | Impossible:
    course, window = before.course, before.course.window
    if course.state != "waiting":
        return Impossible("state")
    more = act.latest_start - window.latest_start
    if more <= timedelta(0) or act.latest_start > means.today() + timedelta(days=EXTENDED_DAYS_MAX):
        return Impossible("window")
    extended = window.model_copy(update={"latest_start": act.latest_start, "latest": window.latest + more})
    # No mail comes of it; the status page tells the new last day.
    longer = course.model_copy(update={"window": extended, "decided_at": before.now})
    return Change(course=longer, held={}, kind=ApplicationWaitlisted)
