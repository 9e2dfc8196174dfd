"""From a reply address, or a UID, to whom and what an answer is about."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.intake.reply_rows import row_of_reply_id, rows_of_uid
from services.intake.say import say
from shared.events import CourseBooked, CourseCancelled, CourseRebooked, InvitationAnswered, Meeting
from shared.said import CalendarAnswer
from shared.vault import person_key
from tests.browsing import Applied, Browser, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, settings_for
from tests.told_courses import meetings_after, told

DAYS = (30, 51, 72, 142)


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def booked(intake: House, **changes: Any) -> tuple[Applied, tuple[Meeting, ...], list[str]]:
    """A booked course whose people have reply addresses; ids of leader, employee and consultant."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    await browser.press("confirm")
    contacts = (await intake.stored(mine.id))["application"]["contacts"]
    who = [*contacts, f"consultant-{mine.id}"]
    meetings = tuple(
        one.model_copy(
            update={
                "uid": f"{one.meeting_id}-{mine.id}@forloeb.example",
                "reply_ids": {each: f"{one.meeting_id}|{each}" for each in who},
                "attendees": tuple(who),
            }
            | changes
        )
        for one in meetings_after(intake.clock(), DAYS)
    )
    await told(intake, mine, CourseBooked, sequence=1, meetings=meetings)
    return mine, meetings, who


async def row(intake: House, meeting: Meeting, person_id: str) -> Any:
    return await row_of_reply_id(
        f"{meeting.meeting_id}|{person_id}", store=intake.parts.store, vault=intake.parts.vault
    )


async def declined(intake: House, mine: Applied, meeting: Meeting, person_id: str, partstat: str = "DECLINED") -> None:
    parts = intake.parts
    await say(
        mine.id,
        lambda number: CalendarAnswer.model_validate(
            {
                "number": number,
                "meeting_id": meeting.meeting_id,
                "person_id": person_id,
                "partstat": partstat,
                "sequence": meeting.sequence,
                "dtstamp": intake.clock(),
                "at": intake.clock(),
            }
        ),
        kind=InvitationAnswered,
        source=f"{meeting.meeting_id} {person_id} {partstat} {meeting.sequence}",
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        now=intake.clock(),
    )


async def test_a_reply_address_tells_meeting_person_and_registered_address(intake: House) -> None:
    """What the mail has to agree with: the address as it was told, in lower case, and the meeting's own values."""
    mine, meetings, (leader, _, consultant) = await booked(intake)
    found = await row(intake, meetings[1], leader)
    assert found is not None
    assert found.key == (mine.id, meetings[1].meeting_id, leader)
    assert (found.function, found.uid, found.start) == ("contact", meetings[1].uid, meetings[1].start)
    assert found.address.startswith("leader.")
    assert found.ended_until == meetings[1].start + timedelta(minutes=meetings[1].minutes, days=30)
    assert (await row(intake, meetings[0], consultant)).address == "karen@konsulenter.example"
    assert await row(intake, meetings[0], "nobody") is None


async def test_a_uid_tells_everybody_who_has_the_invite(intake: House) -> None:
    """Mail to the plain mailbox names no more than that."""
    _, meetings, who = await booked(intake)
    rows = await rows_of_uid(meetings[0].uid, store=intake.parts.store, vault=intake.parts.vault)
    assert [one.person_id for one in rows] == who
    assert await rows_of_uid("unknown@forloeb.example", store=intake.parts.store, vault=intake.parts.vault) == []


async def test_whoever_is_invited_no_more_has_a_row_that_is_revoked(intake: House) -> None:
    """Taken off, cancelled, or erased: the address is known still, and nothing that comes to it counts."""
    mine, meetings, (leader, employee, consultant) = await booked(intake)
    moved = [meetings[0].model_copy(update={"attendees": (leader, employee)}), *meetings[1:]]
    await told(intake, mine, CourseRebooked, sequence=2, meetings=moved)
    assert (await row(intake, meetings[0], consultant)).revoked
    assert not (await row(intake, meetings[0], leader)).revoked
    await intake.parts.vault.erase(person_key(employee))
    erased = await row(intake, meetings[1], employee)
    assert (erased.revoked, erased.address) == (True, "")
    cancelled = [one.model_copy(update={"status": "cancelled"}) for one in meetings]
    await told(intake, mine, CourseCancelled, sequence=3, meetings=cancelled, state="cancelled")
    assert (await row(intake, meetings[1], leader)).revoked


async def test_the_last_contact_to_decline_is_told_apart(intake: House) -> None:
    """Her decline has the meeting placed anew. It counts what was said of this version of the meeting, the newest of each."""
    mine, meetings, (leader, employee, consultant) = await booked(intake)
    await declined(intake, mine, meetings[0], leader)
    assert (await row(intake, meetings[0], employee)).last_contact_to_decline
    assert not (await row(intake, meetings[0], leader)).last_contact_to_decline
    assert not (await row(intake, meetings[1], employee)).last_contact_to_decline
    assert not (await row(intake, meetings[0], consultant)).last_contact_to_decline
    intake.clock.forward(minutes=1)
    await declined(intake, mine, meetings[0], leader, "ACCEPTED")
    assert not (await row(intake, meetings[0], employee)).last_contact_to_decline
    await declined(intake, mine, meetings[1], leader)
    moved = tuple(one.model_copy(update={"sequence": 1}) for one in meetings)
    await told(intake, mine, CourseRebooked, sequence=2, meetings=moved)
    assert not (await row(intake, moved[1], employee)).last_contact_to_decline


async def test_a_no_that_a_yes_would_take_back_is_told(intake: House) -> None:
    """A consultant's own, or that of all contacts together: the course may wait for staff because of it."""
    mine, meetings, (leader, employee, consultant) = await booked(intake)
    await declined(intake, mine, meetings[0], leader)
    assert not (await row(intake, meetings[0], leader)).stands_declined
    await declined(intake, mine, meetings[0], employee)
    await declined(intake, mine, meetings[0], consultant)
    for person in (leader, employee, consultant):
        assert (await row(intake, meetings[0], person)).stands_declined
        assert not (await row(intake, meetings[1], person)).stands_declined
