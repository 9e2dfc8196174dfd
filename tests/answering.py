"""People who answer the invites of a booked course, for tests of the scheduler: what they say is heard as intake would tell it."""

from datetime import datetime, timedelta
from typing import Any

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.hear import hear
from services.scheduler.means import Means
from shared.said import CalendarAnswer
from tests.scheduler_samples import Office


async def course_of(office: Office, course_id: str = "a1") -> Course:
    return (await office.course(course_id)).course


async def meeting(office: Office, code: str = "first", course_id: str = "a1") -> BookedMeeting:
    return next(one for one in (await course_of(office, course_id)).sittings if one.code == code)


async def answer(
    office: Office,
    person_id: str,
    partstat: str = "DECLINED",
    *,
    code: str = "first",
    course_id: str = "a1",
    means: Means | None = None,
    **changes: Any,
) -> Course:
    """One person answers one meeting, as it is now where nothing else is said; the course afterwards."""
    course = await course_of(office, course_id)
    about = next(one for one in course.sittings if one.code == code)
    values: dict[str, Any] = {
        "number": course.heard + 1,
        "meeting_id": about.meeting_id,
        "person_id": person_id,
        "partstat": partstat,
        "sequence": about.sequence,
        "dtstamp": office.clock(),
        "at": office.clock(),
    }
    await hear(course_id, [CalendarAnswer.model_validate(values | changes)], means=means or office.means)
    return await course_of(office, course_id)


def partstats(course: Course, code: str = "first") -> dict[str, str]:
    """What is known by person of one meeting."""
    ids = {one.meeting_id for one in course.sittings if one.code == code}
    return {one.person_id: one.partstat for one in course.answers if one.meeting_id in ids}


def later(moment: datetime, seconds: float = 1) -> datetime:
    return moment + timedelta(seconds=seconds)
