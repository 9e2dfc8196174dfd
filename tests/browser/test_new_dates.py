"""Asking for another time and choosing one, in a real browser: with a script that waits, with the keyboard, and without a script."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from shared.course_facts import KnownAnswer, Offer, PossibleStart, Stall
from shared.events import CourseBooked, CourseRebooked, CourseStalled, DatesOffered, Meeting
from tests.browsing import Applied, applied
from tests.intake_house import House
from tests.keyboard import press_through, tab_to
from tests.page_checks import Opener, check
from tests.told_courses import meetings_after, told

pytestmark = pytest.mark.needs("node")
COURSE_DAYS = (30, 51, 72, 142)
FIRST = "meeting-first"


async def booked(intake: House) -> tuple[Applied, tuple[Meeting, ...]]:
    mine = await applied(intake)
    await intake.http.post(f"/api/v1/status/{mine.token}/confirm")
    meetings = meetings_after(intake.clock(), COURSE_DAYS)
    await told(intake, mine, CourseBooked, sequence=1, meetings=meetings)
    return mine, meetings


def times(meetings: Sequence[Meeting]) -> list[datetime]:
    first = next(one.start for one in meetings if one.meeting_id == FIRST)
    return [first + timedelta(days=day) for day in (1, 2, 3)]


async def offered(intake: House, mine: Applied, meetings: Sequence[Meeting]) -> None:
    """Three times are held for ten minutes, in answer to the first question."""
    now = intake.clock()
    offer = Offer(
        number=1,
        meeting_id=FIRST,
        person_id="leader",
        starts=tuple(PossibleStart(start=one, wall_start=f"{one:%Y-%m-%dT%H:%M}") for one in times(meetings)),
        at=now,
        until=now + timedelta(minutes=10),
    )
    await told(intake, mine, DatesOffered, sequence=2, meetings=meetings, offer=offer)


async def moved(intake: House, mine: Applied, meetings: Sequence[Meeting], start: datetime) -> None:
    changed = [
        one.model_copy(update={"start": start, "sequence": 1}) if one.meeting_id == FIRST else one for one in meetings
    ]
    await told(intake, mine, CourseRebooked, sequence=3, meetings=changed, cause="new_dates")


async def stage(page: Page, heading: str) -> None:
    """The page has come so far, by itself or not, and is sound."""
    await expect(page.get_by_role("heading", name=heading)).to_be_visible()
    await check(page, heading)


async def test_another_time_is_asked_for_and_chosen_with_the_keyboard(visit: Opener, intake: House) -> None:
    """The page waits by itself; what has changed gets the focus, so that nobody has to look for it."""
    mine, meetings = await booked(intake)
    page = await visit(f"/s/{mine.token}")
    await press_through(page, f"ask-{FIRST}")
    await stage(page, "Vi ser efter andre tider")
    await offered(intake, mine, meetings)
    await stage(page, "I kan vælge et andet tidspunkt")
    await expect(page.locator("#stage")).to_be_focused()
    await tab_to(page, "move")
    await page.keyboard.press("Enter")
    await expect(page.locator("#faults")).to_be_focused()
    await check(page, "nothing chosen")
    await tab_to(page, "start-1")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "move")
    await page.keyboard.press("Enter")
    await stage(page, "Mødet flyttes, I får nye indkaldelser")
    await moved(intake, mine, meetings, times(meetings)[1])
    await stage(page, "Mødet er flyttet")


async def test_another_time_is_chosen_without_a_script(visit: Opener, intake: House) -> None:
    """A link takes the place of waiting."""
    mine, meetings = await booked(intake)
    page = await visit(f"/s/{mine.token}", java_script_enabled=False)
    await page.locator(f"#ask-{FIRST}").click()
    await expect(page.get_by_role("heading", name="Vi ser efter andre tider")).to_be_visible()
    await offered(intake, mine, meetings)
    await page.get_by_role("link", name="Se om der er svar").click()
    await page.locator("#start-3").check()
    await page.locator("#move").click()
    await moved(intake, mine, meetings, times(meetings)[2])
    await page.get_by_role("link", name="Se om det er flyttet").click()
    await expect(page.get_by_role("heading", name="Mødet er flyttet")).to_be_visible()


async def test_the_other_states_of_it_shut_nobody_out(visit: Opener, intake: House) -> None:
    """The notice, answers and a meeting in doubt on the status page; no time found; no times any more; in English."""
    mine, meetings = await booked(intake)
    page = await visit(f"/s/{mine.token}")
    leader = (await intake.stored(mine.id))["application"]["contacts"][0]
    await page.locator(f"#ask-{FIRST}").click()
    now = intake.clock()
    nothing = Offer(number=1, meeting_id=FIRST, person_id=leader, starts=(), at=now, until=now)
    facts = {"meeting_id": FIRST, "person_id": leader, "sequence": 0, "dtstamp": now, "at": now}
    await told(
        intake,
        mine,
        CourseStalled,
        sequence=2,
        meetings=meetings,
        offer=nothing,
        answers=(KnownAnswer.model_validate(facts | {"partstat": "DECLINED", "answered_by": "other"}),),
        stall=Stall(since=now, cause="consultant_declined", meetings=(FIRST,)),
    )
    await stage(page, "Vi har ikke fundet et andet tidspunkt")
    await page.get_by_role("link", name="Tilbage til jeres ansøgning").click()
    await expect(page.get_by_text("Usikkert:")).to_be_visible()
    await check(page, "in doubt")
    await page.locator('form[action$="/language"] button').click()
    await expect(page.get_by_text("has said no (answered by somebody else at the same place)")).to_be_visible()
    await check(page, "in doubt, English")
    await page.get_by_role("link", name="See how far it is").click()
    await stage(page, "We have found no other time")
