"""What people say of the third meeting of a booked course, heard by a scheduler with its real database."""

from dataclasses import replace
from datetime import datetime

from services.scheduler.course_change import Impossible
from services.scheduler.guarded_change import read_before
from services.scheduler.hear import hear
from services.scheduler.move_meeting import meeting_places
from shared.said import AnsweredBy, CalendarAnswer, CounterProposal, DatesAsked, PartStat
from tests.scheduler_samples import Office


async def answered(
    office: Office, course_id: str, person: str, partstat: PartStat, answered_by: AnsweredBy = "self"
) -> None:
    """Somebody answers it in a calendar."""
    course, now = (await office.course(course_id)).course, office.clock()
    said = CalendarAnswer(
        number=course.heard + 1,
        meeting_id=course.sittings[2].meeting_id,
        person_id=person,
        partstat=partstat,
        sequence=course.sittings[2].sequence,
        dtstamp=now.replace(microsecond=0),
        at=now,
        answered_by=answered_by,
    )
    await hear(course_id, [said], means=office.means)


async def proposed(office: Office, course_id: str) -> CounterProposal:
    """The leader proposes another time that is possible, in a programme where coordinators are asked."""
    means = replace(office.means, programme=office.programme.model_copy(update={"counter": "ask"}))
    before, now = await read_before(course_id, means=means), office.clock()
    meeting = before.course.sittings[2]
    places = meeting_places(before, meeting.meeting_id, means=means)
    assert not isinstance(places, Impossible)
    said = CounterProposal(
        number=before.course.heard + 1,
        meeting_id=meeting.meeting_id,
        person_id=f"{course_id}-leader",
        start=datetime.fromisoformat(next(one for one in places if not one.present).instant),
        sequence=meeting.sequence,
        dtstamp=now.replace(microsecond=0),
        at=now,
    )
    await hear(course_id, [said], means=means)
    return said


async def asked_for_dates(office: Office, course_id: str) -> None:
    """Whoever applied asks which other times it could have."""
    course = (await office.course(course_id)).course
    said = DatesAsked(
        number=course.heard + 1, meeting_id=course.sittings[2].meeting_id, person_id="-", at=office.clock()
    )
    await hear(course_id, [said], means=office.means)
