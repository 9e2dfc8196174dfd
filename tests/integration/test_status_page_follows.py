"""Intake and the scheduler together, without a broker between them: what people say moves the meetings that their page shows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from services.intake.follow_views import follow_course
from services.intake.say import say
from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.events import EVENTS, InvitationAnswered, Meeting
from shared.outbox import PendingEvent
from shared.said import CalendarAnswer
from tests.browsing import Applied, Browser, Outline, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, read_event, settings_for
from tests.scheduler_samples import Office, roster_entry


@dataclass
class Two:
    """Both services on one vault and one clock, and a contact's browser."""

    intake: House
    office: Office
    mine: Applied
    browser: Browser
    told: int = 0
    followed: int = 0

    async def exchange(self) -> None:
        """Hand over, in order, what either has told since."""
        for event in self.intake.events(self.mine.id)[self.told :]:
            self.told += 1
            told = read_event(event.envelope, event.body)
            await follow_application(told, event.envelope, means=self.office.means)
        row = await self.office.store.courses.find_one({"_id": self.mine.id})
        events = [PendingEvent.from_document(one) for one in row["outbox"]] if row else []
        for event in events[self.followed :]:
            self.followed += 1
            course: Any = EVENTS[event.envelope.type].model_validate_json(event.body)
            await follow_course(course, event.envelope, views=self.intake.parts.store)

    async def page(self, path: str = "") -> str:
        return await self.browser.open(f"{self.mine.page}{path}")

    async def meetings(self) -> tuple[Meeting, ...]:
        course = await self.intake.parts.store.course(self.mine.id)
        assert course is not None
        return tuple(one for one in course.meetings if one.status == "confirmed")

    async def answer(self, meeting: Meeting, person_id: str, partstat: str) -> None:
        """As intake says what it has found to be genuine."""
        parts = self.intake.parts
        facts = {"meeting_id": meeting.meeting_id, "person_id": person_id, "sequence": meeting.sequence}
        at = {"dtstamp": self.intake.clock(), "at": self.intake.clock()}
        await say(
            self.mine.id,
            lambda number: CalendarAnswer.model_validate(facts | at | {"number": number, "partstat": partstat}),
            kind=InvitationAnswered,
            source=f"{person_id} {partstat}",
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            now=self.intake.clock(),
        )


@pytest.fixture
async def two(stack: Embedded) -> AsyncIterator[Two]:
    """A confirmed application whose course is booked with the only consultant."""
    async with house(settings_for(mongodb=stack.mongodb)) as intake:
        client = mongo.connect(stack.mongodb, app_name="test")
        office = await Office(client).open()
        office.means = replace(office.means, vault=intake.parts.vault, clock=intake.clock)
        await save_consultant(roster_entry(municipality="329"), means=office.means)
        mine = await applied(intake)
        browser = Browser(intake)
        await browser.open(f"/s/{mine.token}")
        await browser.press("confirm")
        found = Two(intake, office, mine, browser)
        await found.exchange()
        yield found
        client.close()


async def test_a_contact_moves_a_meeting_from_the_status_page(two: Two) -> None:
    """Asked, offered by the matcher, chosen, moved: each a page that says so, and only that meeting is another."""
    before = await two.meetings()
    wanted = before[1]
    await two.page()
    assert "Vi ser efter andre tider" in await two.browser.press(wanted.meeting_id)
    await two.exchange()
    shown = await two.page("/dates")
    assert "I kan vælge et andet tidspunkt" in shown
    assert 1 <= shown.count('type="radio"') <= 3
    chosen = datetime.fromisoformat(Outline(shown).forms["dates"].fields["start"])
    assert "Mødet flyttes" in await two.browser.press("dates")
    await two.exchange()
    assert "Mødet er flyttet" in await two.page("/dates")
    after = await two.meetings()
    assert [one.start for one in after if one.meeting_id == wanted.meeting_id] == [chosen]
    others = [one for one in before if one.meeting_id != wanted.meeting_id]
    assert [one for one in after if one.meeting_id != wanted.meeting_id] == others


async def test_answers_are_seen_and_a_consultant_who_cannot_come_moves_the_meeting(two: Two) -> None:
    """Yes is shown by name; after the consultant's no the meeting has another time, is answered anew, and the page says why."""
    first = (await two.meetings())[0]
    leader = (await two.intake.stored(two.mine.id))["application"]["contacts"][0]
    name = (await two.intake.people(two.intake.events(two.mine.id)[-1]))["leader"].name
    await two.answer(first, leader, "ACCEPTED")
    await two.exchange()
    assert f"{name} har sagt ja" in await two.page()
    await two.answer(first, "anne", "DECLINED")
    await two.exchange()
    now = next(one for one in await two.meetings() if one.meeting_id == first.meeting_id)
    assert (now.start != first.start, now.sequence > first.sequence) == (True, True)
    shown = await two.page()
    assert "fordi konsulenten ikke kunne på et af tidspunkterne" in shown
    assert f"{name} har sagt ja" not in shown
