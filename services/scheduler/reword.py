"""Tells people of booked courses what their calendar entries say of a consultant now: another name, phone number or address.

Nothing of the meetings changes, so the invites go out under the same SEQUENCE with a newer DTSTAMP, and answers stay.
"""

from contextlib import aclosing

import structlog

from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.course_event import consultants_of, worded
from services.scheduler.guarded_change import Done, change_course
from services.scheduler.means import Means
from services.scheduler.wording import says_otherwise
from shared import trace
from shared.errors import DependencyDownError
from shared.events import CourseRebooked
from shared.vault import KeyMissingError

log = structlog.get_logger(__name__)


async def reword_due(*, means: Means) -> int:
    """Tell it of every consultant who is marked for it, and return how many courses were told anew.

    Raises:
        DependencyDownError: something is away; the rest was not told. Safe to repeat, and for several processes at once.

    """
    told = 0
    for consultant_id, changed_at in await means.store.reworded():
        async with aclosing(means.store.booked(consultant_id)) as found:
            ids = [stored.course.application_id async for stored in found]
        for course_id in ids:
            trace.begin()
            told += await _reword(course_id, means=means)
        # Whoever is changed once more meanwhile stays marked.
        await means.store.reword_done(consultant_id, changed_at)
    return told


async def _reword(course_id: str, *, means: Means) -> bool:
    async def plan(before: Before) -> Change | Impossible:
        course = before.course
        if course.state != "booked":
            return Impossible("state")
        consultants = await consultants_of(course, means=means)
        if not says_otherwise(course, worded(course, before.opened, consultants, means=means, now=before.now)):
            return Impossible("unchanged")
        # The newer copies are written with the event, as in every change.
        return Change(course=course, held=kept(before), kind=CourseRebooked)

    try:
        return isinstance(await change_course(course_id, plan, means=means), Done)
    except KeyMissingError:
        # Missing for this one only: it must not keep the others from it.
        log.error("not-reworded", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
    except DependencyDownError:
        raise
    except Exception:
        log.exception("not-reworded", course=course_id)
    return False
