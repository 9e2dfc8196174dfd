"""Cancels a course whose application was withdrawn: its half hours are freed and its people told by one write."""

from datetime import datetime

import structlog

from services.scheduler.course import Course, Request, StoredCourse
from services.scheduler.course_event import consultants_of, course_event
from services.scheduler.course_plan import window_for
from services.scheduler.means import Means
from services.scheduler.people import Opened
from services.scheduler.remeet import called_off
from services.scheduler.standing import without_offer
from services.scheduler.store import absent_marks, course_fields
from shared.events import CourseCancelled
from shared.mongo import AlreadyThereError
from shared.outbox import change, new_document, waiting

log = structlog.get_logger(__name__)


async def cancel(
    course_id: str, *, request: Request, opened: Opened, seen: int, stored: StoredCourse | None, means: Means
) -> str:
    """Return "cancelled", or "overtaken" where somebody else changed the document meanwhile.

    Where nothing was ever sought, only the fact is kept, so that an older event that comes late books nothing.
    """
    now = means.clock()
    if stored is None:
        return await _keep_fact(course_id, request, seen=seen, now=now, means=means)
    course = without_offer(stored.course).model_copy(
        update={
            "state": "cancelled",
            "cancelled_by": "applicant",
            "decided_at": now,
            "answers": (),
            "stall": None,
            "meetings": tuple(called_off(meeting, now) for meeting in stored.course.meetings),
        }
    )
    consultants = await consultants_of(course, means=means)
    event = await course_event(
        CourseCancelled, course, opened, consultants, sequence=stored.event_sequence + 1, means=means
    )
    fields = course_fields(course, seen=seen)
    update = change(now=now, fields=fields, events=[event], remove=absent_marks(fields))
    document = await means.store.change_course(course_id, stored.version, update)
    if document is None:
        return "overtaken"
    means.calendar.release(course_id)
    means.publish_course(waiting(document))
    means.try_waiting()
    log.info("cancelled", course=course_id)
    return "cancelled"


async def _keep_fact(course_id: str, request: Request, *, seen: int, now: datetime, means: Means) -> str:
    course = Course(
        application_id=course_id,
        request=request,
        window=window_for(request, means.programme),
        state="cancelled",
        decided_at=now,
    )
    try:
        await means.store.insert_course(
            new_document({"_id": course_id, **course_fields(course, seen=seen)}, [], now=now)
        )
    except AlreadyThereError:
        return "overtaken"
    return "cancelled"
