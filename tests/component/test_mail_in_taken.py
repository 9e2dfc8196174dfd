"""A mail that comes in by LMTP is stored, read, judged, and then said, held, parked or dropped, once."""

from collections.abc import AsyncIterator

import pytest

from shared.events import AnswerHeld, InvitationAnswered
from shared.said import CalendarAnswer
from tests.answer_samples import Booked, booked
from tests.embedded import Embedded
from tests.intake_house import read_event
from tests.mail_in import KAREN, PostOffice, post_office, reply


@pytest.fixture(scope="module")
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    async with post_office(stack.mongodb) as found:
        yield found


async def leader_mail(office: PostOffice, course: Booked) -> str:
    people = await office.intake.people(office.intake.events(course.mine.id)[-1])
    return people["leader"].mail


async def test_a_leaders_yes_becomes_an_event(office: PostOffice) -> None:
    """From the mail server to the application's outbox: who, which meeting, what, and when it came."""
    course = await booked(office.intake)
    address = office.address(course, course.leader)
    raw = reply(course.meeting, await leader_mail(office, course))
    assert await office.deliver(raw, address) == (250, "2.6.0 Stored")
    await office.take_in()

    event = office.intake.events(course.mine.id)[-1]
    assert event.envelope.type == InvitationAnswered.type
    (said,) = read_event(event.envelope, event.body).application.said
    assert isinstance(said, CalendarAnswer)
    assert (said.meeting_id, said.person_id, said.partstat) == (course.meeting.meeting_id, course.leader, "ACCEPTED")
    assert (said.answered_by, said.sequence, said.at) == ("self", 0, office.intake.clock())
    row = await office.row(course.meeting.reply_ids[course.leader])
    assert (row["state"], row["reason"]) == ("answered", "genuine")
