"""The coordinators' pages in a real browser: every page and state of them shuts nobody out, and needs no mouse."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from deploy.local.ports import free_ports
from services.scheduler.coordinator.desk import PAGES
from shared.staff.access import COOKIE
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.keyboard import press_through, tab_to
from tests.page_checks import Opener, check, picture
from tests.scheduler_samples import AARHUS, COPENHAGEN
from tests.served_app import served
from tests.staff_accounts import COORDINATOR
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
REASON = "Konsulenten har selv bedt om det i telefonen."
FAULT = re.compile("^Fejl: ")
MASTERED = {"themes": ["samarbejde", "forandringer"]}


@pytest.fixture(scope="module")
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    """Three consultants, of whom one is on leave and one on a break; courses that are booked and one that waits."""
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne", leave=[{"first": "2027-01-11", "last": "2027-01-15"}], **MASTERED)
        await opened.consultant("bodil", municipality=AARHUS, **MASTERED)
        await opened.consultant("carl", municipality=COPENHAGEN, active=False, **MASTERED)
        yield opened


@pytest.fixture(scope="module")
async def origin(desk: CoordinatorDesk) -> AsyncIterator[str]:
    [port] = free_ports(1)
    async with served(desk.app, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def visit(chromium: Browser, origin: str) -> AsyncIterator[Opener]:
    """A coordinator's browser, who is logged in."""
    async with visits(chromium, origin, cookies={COOKIE: "x"}) as opened:
        yield opened


@pytest.fixture(scope="module")
async def booked(desk: CoordinatorDesk) -> str:
    """Id of a booked course."""
    return await desk.application()


@pytest.fixture(scope="module")
async def waiting(desk: CoordinatorDesk) -> str:
    """Id of a course that no consultant masters."""
    return await desk.application(themes=("chikane",))


async def test_lists_of_courses_shut_nobody_out(visit: Opener, booked: str, waiting: str) -> None:
    """Each state, also an empty one; a reference number that leads nowhere; and in English."""
    page = await visit(f"{PAGES}?show=booked")
    await expect(page.locator(f'a[href$="{booked}"]')).to_be_visible()
    await check(page, "booked")
    await page.get_by_role("link", name="På venteliste").click()
    await expect(page.locator(f'a[href$="{waiting}"]')).to_be_visible()
    await check(page, "waiting")
    await page.get_by_role("link", name="Afsluttet").click()
    await check(page, "nothing in the list")
    await page.get_by_label("Find efter referencenummer").fill("SPARK-2222-222H")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await check(page, "not found")
    page = await visit(f"{PAGES}?show=booked", locale="en-GB")
    await expect(page.get_by_role("heading", name="Courses")).to_be_visible()
    await check(page, "in English")


async def test_pages_of_a_course_shut_nobody_out(
    visit: Opener, desk: CoordinatorDesk, booked: str, waiting: str
) -> None:
    """One that is booked, with a history; one that waits; and why not somebody else."""
    await desk.act(booked, "pin", consultant="anne", reason=REASON)
    page = await visit(f"{PAGES}/courses/{booked}")
    await expect(page.get_by_role("cell", name=REASON)).to_be_visible()
    await check(page, "booked")
    await page.get_by_role("link", name="Hvad skulle der til").first.click()
    await check(page, "why not")
    await page.goto(f"{PAGES}/courses/{waiting}")
    await check(page, "waiting")


async def test_acts_shut_nobody_out(visit: Opener, desk: CoordinatorDesk, waiting: str) -> None:
    """Which meeting, where to, what is missing, the question before it is done, and what cannot be done."""
    course = await desk.application()
    page = await visit(f"{PAGES}/courses/{course}/acts/move")
    await check(page, "which meeting")
    await page.locator("main ul a").first.click()
    await check(page, "where to")
    await page.get_by_role("button", name="Fortsæt").click()
    await expect(page.locator("#faults")).to_be_focused()
    await expect(page).to_have_title(FAULT)
    await check(page, "faults")
    await page.locator('[name="start"]:enabled').first.check()
    await page.get_by_label("Hvorfor?").fill(REASON)
    await page.get_by_role("button", name="Fortsæt").click()
    await expect(page.get_by_role("heading", name="Det sender disse")).to_be_visible()
    await check(page, "the question")
    await picture(page, "coordinator")
    for kind, words in (("extend_window", "Giv mere tid"), ("exclude", "Hold en konsulent ude")):
        await page.goto(f"{PAGES}/courses/{waiting}/acts/{kind}")
        await expect(page.get_by_role("heading", name=words)).to_be_visible()
        await check(page, kind)
    await page.goto(f"{PAGES}/courses/{waiting}/acts/move")
    await expect(page.get_by_role("heading", name="Det kan ikke lade sig gøre")).to_be_visible()
    await check(page, "impossible")


async def test_a_meeting_is_moved_without_a_mouse(visit: Opener, desk: CoordinatorDesk) -> None:
    """From the first Tab on the form to the course that says it is done; the focus can be seen at every stop."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[0]
    page = await visit(f"{PAGES}/courses/{course}/acts/move?meeting={meeting.meeting_id}")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skipnav")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main-content")).to_be_focused()
    first = await page.locator('[name="start"]:enabled').first.get_attribute("id")
    await tab_to(page, first or "")
    await page.keyboard.press("Space")
    await tab_to(page, "reason")
    await page.keyboard.type(REASON)
    await tab_to(page, "go-on")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="er det rigtigt?")).to_be_visible()
    await press_through(page, "do-it")
    await expect(page.get_by_role("status")).to_contain_text("Mødet er flyttet")
    await check(page, "done")
    moved = (await desk.office.course(course)).course
    assert moved.sittings[0].start != meeting.start
    assert moved.history[-1].account == COORDINATOR


async def test_pages_of_consultants_shut_nobody_out(visit: Opener, desk: CoordinatorDesk, booked: str) -> None:
    """The roster, everybody's weeks, and one consultant with her calendar; another on a break."""
    meeting = (await desk.office.course(booked)).course.sittings[0]
    for municipality in (AARHUS, AARHUS, COPENHAGEN):
        await desk.application(municipality=municipality)
    page = await visit(f"{PAGES}/consultants")
    await check(page, "the roster")
    await page.get_by_role("link", name="Hvem er hvor hvornår").click()
    await expect(page.get_by_role("heading", name="Hvem er hvor hvornår")).to_be_visible()
    await page.goto(f"{PAGES}/weeks?from={meeting.wall_start[:10]}")
    await expect(page.locator(f'td a[href$="{booked}"]').first).to_be_visible()
    await check(page, "weeks with meetings")
    await picture(page, "weeks")
    await page.goto(f"{PAGES}/consultants/anne")
    await expect(page.get_by_role("table", name="November 2026")).to_be_visible()
    await check(page, "a consultant")
    await page.goto(f"{PAGES}/consultants/carl")
    await expect(page.get_by_role("button", name="Lad konsulenten få forløb igen")).to_be_visible()
    await check(page, "a consultant on a break")


async def test_leave_is_entered_without_a_mouse(visit: Opener, desk: CoordinatorDesk, booked: str) -> None:
    """Faults take the focus to where they are told; a booked meeting on one of the days is pointed out; leave goes again."""
    meeting = (await desk.office.course(booked)).course.sittings[0]
    page = await visit(f"{PAGES}/consultants/anne")
    await page.locator("#enter-leave").press("Enter")
    await expect(page.locator("#faults")).to_be_focused()
    await expect(page).to_have_title(FAULT)
    await check(page, "faults")
    for field in ("first", "last"):
        # How a date is typed, and where the focus shows in it, is the browser's own affair.
        await page.locator(f"#{field}").fill(meeting.wall_start[:10])
    await page.locator("#last").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Fraværet er skrevet ind")
    await expect(page.locator("#clashes")).to_be_visible()
    await check(page, "a meeting on leave")
    await page.get_by_role("button", name="Fjern").first.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Fraværet er fjernet")
