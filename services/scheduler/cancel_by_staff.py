"""Cancels a course for good because staff say so: meetings still to come are called off, the claims are free."""

from services.scheduler.acts import Cancel
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.means import Means
from services.scheduler.remeet import called_off
from shared.events import CourseCancelled


def plan_cancel(before: Before, act: Cancel, *, means: Means) -> Change | Impossible:
    """A cancelled course is never revived; the workplace may apply again."""
    del act, means
    if before.course.state not in ("booked", "waiting"):
        return Impossible("state")
    news = {
        "state": "cancelled",
        "held": False,
        "cancelled_by": "staff",
        "decided_at": before.now,
        "stall": None,
        "meetings": tuple(called_off(meeting, before.now) for meeting in before.course.meetings),
    }
    return Change(course=before.course.model_copy(update=news), held={}, kind=CourseCancelled)
