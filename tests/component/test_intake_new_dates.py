"""Asking for another time for a meeting and choosing one that is offered: each stage of it as its contacts see it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.new_dates.ask_for_dates import ask_for_dates
from services.intake.new_dates.choose_date import choose_date
from services.intake.new_dates.question import question_of
from services.intake.record import Application
from shared.course_facts import Offer, PossibleStart
from shared.events import CourseBooked, CourseRebooked, DatesOffered, Meeting, NewDatesRequested
from shared.said import DateChosen, DatesAsked, Said
from tests.browsing import Applied, Browser, Outline, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, new_application, read_event, settings_for
from tests.told_courses import meetings_after, told

DAYS = (30, 51, 72, 142)
ASK = "meeting-first"


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


class Course:
    """A booked course with a contact's browser on its page."""

    def __init__(self, intake: House, mine: Applied) -> None:
        self.intake = intake
        self.mine = mine
        self.browser = Browser(intake)
        self.meetings: Sequence[Meeting] = ()
        self.sequence = 0

    async def tell(self, kind: Any, **changes: Any) -> None:
        self.sequence += 1
        await told(self.intake, self.mine, kind, sequence=self.sequence, meetings=self.meetings, **changes)

    async def asked(self, meeting_id: str = ASK) -> str:
        """The page after asking for another time from the status page."""
        await self.browser.open(self.mine.page)
        return await self.browser.press(meeting_id)

    async def offered(self, *starts: datetime, number: int, meeting_id: str = ASK) -> str:
        """The page once these times are held for ten minutes."""
        await self.tell(DatesOffered, offer=self.offer(*starts, number=number, meeting_id=meeting_id))
        return await self.browser.open(f"{self.mine.page}/dates")

    def offer(self, *starts: datetime, number: int, meeting_id: str = ASK) -> Offer:
        now = self.intake.clock()
        return Offer(
            number=number,
            meeting_id=meeting_id,
            person_id="leader",
            starts=tuple(PossibleStart(start=one, wall_start=one.strftime("%Y-%m-%dT%H:%M")) for one in starts),
            at=now,
            until=now + timedelta(minutes=10),
        )

    async def stored(self) -> Application:
        application = await self.intake.parts.store.application(self.mine.id)
        assert application is not None
        return application

    async def view(self) -> CourseView | None:
        return await self.intake.parts.store.course(self.mine.id)

    async def said(self) -> list[Said]:
        return list((await self.stored()).state.said)

    def possible(self, count: int = 3) -> list[datetime]:
        first = next(one.start for one in self.meetings if one.meeting_id == ASK)
        return [first + timedelta(days=day) for day in range(1, count + 1)]

    async def choose(self, start: datetime) -> str:
        return await self.browser.press("dates", start=start.isoformat())


@pytest.fixture
async def course(intake: House) -> Course:
    mine = await applied(intake)
    found = Course(intake, mine)
    await found.browser.open(f"/s/{mine.token}")
    await found.browser.press("confirm")
    found.meetings = meetings_after(intake.clock(), DAYS)
    await found.tell(CourseBooked)
    return found


async def test_asking_is_told_and_waited_for(course: Course, intake: House) -> None:
    """The event says which meeting and who asks; the page says that it is being looked for, and offers to look again."""
    page = await course.asked()
    assert "Vi ser efter andre tider" in page
    assert f'href="{course.mine.page}/dates"' in page
    last = intake.events(course.mine.id)[-1]
    event = read_event(last.envelope, last.body)
    assert isinstance(event, NewDatesRequested)
    [asked] = event.application.said
    assert isinstance(asked, DatesAsked)
    assert (asked.meeting_id, asked.person_id) == (ASK, event.application.contacts[0])


async def test_a_time_is_chosen_and_the_meeting_moves(course: Course) -> None:
    """Three times with those who are affected; the choice is told once, and the page follows until the meeting has moved."""
    await course.asked()
    starts = course.possible()
    page = await course.offered(*starts, number=1)
    assert page.count('type="radio"') == 3
    clock = (course.intake.clock() + timedelta(minutes=10)).astimezone(course.intake.parts.programme.tz)
    assert f"Vi holder tiderne til jer til kl. {clock.hour}.{clock.minute:02}" in page
    assert "Mødet flyttes, I får nye indkaldelser" in await course.choose(starts[1])
    last = (await course.said())[-1]
    assert isinstance(last, DateChosen)
    assert (last.offer, last.start, last.number) == (1, starts[1], 2)
    moved = [
        one.model_copy(update={"start": starts[1], "sequence": 1}) if one.meeting_id == ASK else one
        for one in course.meetings
    ]
    course.meetings = moved
    await course.tell(CourseRebooked, cause="new_dates")
    assert "Mødet er flyttet" in await course.browser.open(f"{course.mine.page}/dates")
    assert "Et møde er flyttet til det tidspunkt, I har valgt." in await course.browser.open(course.mine.page)


async def test_a_form_sent_twice_asks_and_chooses_once(course: Course) -> None:
    """A double click, or a page that is sent again."""
    await course.browser.open(course.mine.page)
    form = Outline(course.browser.page.text).forms[ASK]
    for _ in range(2):
        await course.browser.http.post(form.action, data=form.fields)
    await course.offered(*course.possible(), number=1)
    form = Outline(course.browser.page.text).forms["dates"]
    for _ in range(2):
        await course.browser.http.post(form.action, data=form.fields | {"start": course.possible()[0].isoformat()})
    assert [one.kind for one in await course.said()] == ["dates_asked", "date_chosen"]


async def test_of_two_who_choose_at_once_the_first_has_chosen(course: Course) -> None:
    """The other one's choice would only be offered anew."""
    await course.asked()
    await course.offered(*course.possible(), number=1)
    form = Outline(course.browser.page.text).forms["dates"]
    question = question_of((await course.stored()).state, await course.view(), now=course.intake.clock())
    assert question is not None
    parts = course.intake.parts
    await course.browser.http.post(form.action, data=form.fields | {"start": course.possible()[0].isoformat()})
    # As it stood when the other one's page was read.
    await choose_date(
        course.mine.id,
        course.possible()[1],
        question=question,
        person_id="employee",
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        now=course.intake.clock(),
    )
    assert [one.kind for one in await course.said()] == ["dates_asked", "date_chosen"]


async def test_of_two_who_ask_at_once_one_has_asked(course: Course) -> None:
    """About different meetings, on pages that were opened before: the second answer would take the place of the first."""
    parts, view = course.intake.parts, await course.view()
    for place, person in ((0, "leader"), (1, "employee")):
        await ask_for_dates(
            course.mine.id,
            course.meetings[place].meeting_id,
            course=view,
            person_id=person,
            source=f"asked {person}",
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            now=course.intake.clock(),
        )
    assert [one.person_id for one in await course.said()] == ["leader"]


async def test_whoever_sent_the_application_asks_as_nobody_in_particular(intake: House) -> None:
    """With the status link; the contacts see that it was asked."""
    answer = await intake.accepted(new_application())
    mine = Applied(answer["application_id"], answer["reference"], await intake.contact_token(answer["application_id"]))
    await intake.http.post(f"/api/v1/status/{mine.token}/confirm")
    found = Course(intake, mine)
    found.meetings = meetings_after(intake.clock(), DAYS)
    await found.tell(CourseBooked)
    await found.browser.open(answer["page_url"].removeprefix(intake.parts.signer.public_url))
    await found.browser.press(ASK)
    [asked] = await found.said()
    assert isinstance(asked, DatesAsked)
    assert asked.person_id == "-"
    page = await Browser(intake).open(f"/s/{mine.token}")
    assert "Der er bedt om et andet tidspunkt for jeres første møde." in page


async def test_times_that_are_held_no_more_are_not_chosen(course: Course) -> None:
    """After ten minutes the page says so, and what can be done; asking again is a new question."""
    await course.asked()
    await course.offered(*course.possible(), number=1)
    course.intake.clock.forward(minutes=10)
    page = await course.choose(course.possible()[0])
    assert "Vi holder ikke længere tider til jer" in page
    assert len(await course.said()) == 1
    assert "Vi ser efter andre tider" in await course.browser.press(ASK)
    assert [one.number for one in await course.said()] == [1, 2]


async def test_a_choice_that_came_too_late_is_offered_anew(course: Course) -> None:
    """Somebody else was faster, or the ten minutes ended on the way: the new offer answers the choice."""
    await course.asked()
    await course.offered(*course.possible(), number=1)
    await course.choose(course.possible()[0])
    page = await course.offered(*course.possible(2), number=2)
    assert "Det tidspunkt, I valgte, var ikke længere ledigt" in page
    assert page.count('type="radio"') == 2


async def test_no_other_time_is_told_with_what_to_do(course: Course) -> None:
    """Call, write, ask again, or withdraw."""
    await course.asked()
    page = await course.offered(number=1)
    assert "Vi har ikke fundet et andet tidspunkt" in page
    assert f'href="{course.mine.page}/withdraw"' in page
    assert ASK in Outline(page).forms
    assert "Vi har ikke fundet et andet tidspunkt" not in await course.browser.open(course.mine.page)


async def test_an_answer_that_does_not_come_is_owned_up_to(course: Course) -> None:
    """First it takes longer than it should; then nothing is waited for any more, and the meetings can be asked for again."""
    await course.asked()
    course.intake.clock.forward(minutes=3)
    assert "Det tager længere tid, end det skal" in await course.browser.open(f"{course.mine.page}/dates")
    assert ASK not in Outline(await course.browser.open(course.mine.page)).forms
    course.intake.clock.forward(minutes=10)
    assert "Vi holder ikke længere tider til jer" in await course.browser.open(f"{course.mine.page}/dates")
    assert ASK in Outline(await course.browser.open(course.mine.page)).forms


async def test_nothing_chosen_is_said_at_the_field(course: Course) -> None:
    """The times stay on the page, and nothing is told; a time that was never offered changes nothing either."""
    await course.asked()
    await course.offered(*course.possible(), number=1)
    form = Outline(course.browser.page.text).forms["dates"]
    without = {name: value for name, value in form.fields.items() if name != "start"}
    answer = await course.browser.http.post(form.action, data=without)
    assert answer.status_code == 422
    assert "Vælg et af tidspunkterne." in answer.text
    for start in ("2031-01-01T09:00:00+00:00", "2031-01-01T09:00", "now"):
        await course.browser.http.post(form.action, data=without | {"start": start})
    assert len(await course.said()) == 1


async def test_the_other_contact_and_whoever_applied_see_who_asked(course: Course, intake: House) -> None:
    """By name; and there is one question at a time, so nobody takes the times away from under the other."""
    name = (await intake.people(intake.events(course.mine.id)[-1]))["leader"].name
    await course.asked()
    other = Browser(intake)
    page = await other.open(f"/s/{await intake.contact_token(course.mine.id, 'employee')}")
    assert f"{name} har bedt om et andet tidspunkt" in page
    assert ASK not in Outline(page).forms
    await course.offered(*course.possible(), number=1)
    await other.open(f"{course.mine.page}/dates")
    await other.press("dates", start=course.possible()[0].isoformat())
    assert len(await course.said()) == 2


async def test_other_dates_are_asked_for_five_times_a_day(course: Course) -> None:
    """Each question has the matcher look; after the fifth the page says when to ask again, and a form of before is refused."""
    for number in range(1, 6):
        await course.browser.open(course.mine.page)
        kept = Outline(course.browser.page.text).forms[ASK]
        await course.browser.press(ASK)
        await course.offered(number=number)
    page = await course.browser.open(course.mine.page)
    assert ASK not in Outline(page).forms
    assert "Bed igen i morgen" in page
    refused = await course.browser.http.post(kept.action, data=kept.fields | {"after": "999"})
    assert refused.status_code == 429
    assert len(await course.said()) == 5
    course.intake.clock.forward(days=1)
    await course.browser.open(f"/s/{course.mine.token}")
    assert "Vi ser efter andre tider" in await course.browser.press(ASK)


async def test_only_meetings_to_come_can_be_asked_for(course: Course) -> None:
    """Not one that has been held, is cancelled, or that nobody knows; nor by a GET, nor with a form of another act."""
    await course.browser.open(course.mine.page)
    form = Outline(course.browser.page.text).forms[ASK]
    wrong = form.action.replace(ASK, "unknown")
    assert (await course.browser.http.post(wrong, data=form.fields)).status_code == 409
    other = Outline(course.browser.page.text).forms["language"]
    assert (await course.browser.http.post(form.action, data=other.fields)).status_code == 404
    assert (await course.browser.http.get(form.action)).status_code == 405
    course.meetings = [one.model_copy(update={"status": "cancelled"}) for one in course.meetings]
    await course.tell(CourseRebooked)
    assert (await course.browser.http.post(form.action, data=form.fields)).status_code == 409
    assert await course.said() == []


async def test_a_page_that_waits_can_ask_whether_there_is_an_answer(course: Course) -> None:
    """What the script asks for changes with the answer, tells nothing else, and does not keep the page open."""
    await course.asked()
    waiting = await course.browser.http.get(f"{course.mine.page}/dates/state")
    await course.offered(*course.possible(), number=1)
    offered = await course.browser.http.get(f"{course.mine.page}/dates/state")
    assert (waiting.json(), offered.json()) == ({"mark": "waiting-1"}, {"mark": "offered-1"})
    assert "set-cookie" not in waiting.headers
    assert (await course.intake.http.get(f"{course.mine.page}/dates/state")).status_code == 404
