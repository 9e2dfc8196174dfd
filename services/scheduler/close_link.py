"""Makes all links void that consultants have to their pages of a course; the next mail about the course brings new ones."""

from services.scheduler.acts import CloseLink
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.means import Means


def plan_close_link(before: Before, act: CloseLink, *, means: Means) -> Change | Impossible:
    """Say, a mail was passed on to a stranger."""
    del act, means
    if before.course.state != "booked":
        return Impossible("state")
    closed = before.course.model_copy(update={"link_epoch": before.course.link_epoch + 1})
    return Change(course=closed, held=kept(before))
