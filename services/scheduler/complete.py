"""Completes courses a day after their last meeting: the consultant's place is free again."""

import structlog

from services.scheduler.course_event import consultants_of, course_event
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.people import open_course
from services.scheduler.standing import without_offer
from services.scheduler.store import absent_marks, course_fields
from shared.errors import DependencyDownError
from shared.events import CourseCompleted
from shared.outbox import change, waiting
from shared.vault import KeyMissingError

log = structlog.get_logger(__name__)


async def complete_due(*, means: Means) -> int:
    """Complete every course that is due, and return how many there were. Raises DependencyDownError; safe to repeat."""
    completed = 0
    for course_id in await means.store.due_for_completion(means.clock()):
        try:
            completed += await _until_decided(course_id, means=means) == "completed"
        except KeyMissingError:
            # Missing for this one only, and tried again in a minute.
            log.error("not-completed", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
        except DependencyDownError:
            raise
        except Exception:
            # One that cannot be completed must not keep the others from it.
            log.exception("not-completed", course=course_id)
    if completed:
        means.try_waiting()
    return completed


async def _until_decided(course_id: str, *, means: Means) -> str:
    outcome = "overtaken"
    for _ in range(MISSES_MAX):
        outcome = await _complete(course_id, means=means)
        if outcome != "overtaken":
            break
    return outcome


async def _complete(course_id: str, *, means: Means) -> str:
    stored = await means.store.course(course_id)
    now = means.clock()
    due = None if stored is None else stored.course.completes_at()
    if stored is None or due is None or due > now:
        return "not-due"
    course = without_offer(stored.course).model_copy(update={"state": "completed", "decided_at": now, "stall": None})
    opened = await open_course(course, vault=means.vault)
    consultants = await consultants_of(course, means=means)
    event = await course_event(
        CourseCompleted, course, opened, consultants, sequence=stored.event_sequence + 1, means=means
    )
    fields = course_fields(course, seen=stored.seen)
    update = change(now=now, fields=fields, events=[event], remove=absent_marks(fields))
    document = await means.store.change_course(course_id, stored.version, update)
    if document is None:
        return "overtaken"
    means.calendar.release(course_id)
    means.publish_course(waiting(document))
    log.info("completed", course=course_id)
    return "completed"
