"""What coordinators see of answers, proposals, offers and doubts, in a real browser: it shuts nobody out, and needs no mouse."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from deploy.local.ports import free_ports
from services.scheduler.coordinator.desk import PAGES
from services.scheduler.mend_courses import check_courses
from services.scheduler.roster import Leave, RosterChange
from services.scheduler.save_consultant import change_consultant
from shared.staff.access import COOKIE
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.keyboard import tab_to
from tests.page_checks import Opener, check
from tests.said_samples import answered, asked_for_dates, proposed
from tests.served_app import served
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
REASON = "Aftalt med arbejdspladsen i telefonen."


@pytest.fixture(scope="module")
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    """One consultant, who holds all courses."""
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne")
        yield opened


@pytest.fixture
async def visit(desk: CoordinatorDesk, chromium: Browser) -> AsyncIterator[Opener]:
    """A coordinator's browser, who is logged in."""
    [port] = free_ports(1)
    async with served(desk.app, port), visits(chromium, f"http://127.0.0.1:{port}", cookies={COOKIE: "x"}) as opened:
        yield opened


async def test_a_proposal_is_found_and_taken_by_keyboard_alone(visit: Opener, desk: CoordinatorDesk) -> None:
    """From the list of what waits, over the course with answers and offered times, to the question and back."""
    course = await desk.application()
    await answered(desk.office, course, f"{course}-employee", "TENTATIVE", "other")
    await asked_for_dates(desk.office, course)
    said = await proposed(desk.office, course)
    page = await visit(f"{PAGES}?show=counter")
    await expect(page.get_by_text("et forslag venter på jer")).to_be_visible()
    await check(page, "list of proposals")
    await page.locator(f'a[href$="{course}"]').click()
    await expect(page.get_by_role("heading", name="Foreslåede tidspunkter")).to_be_visible()
    await expect(page.get_by_role("heading", name="Andre tidspunkter")).to_be_visible()
    await expect(page.get_by_text("svaret af en kollega")).to_be_visible()
    await check(page, "a course in conversation")
    await tab_to(page, f"take-{said.number}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Tag det foreslåede tidspunkt")).to_be_visible()
    await check(page, "taking a proposal")
    await page.get_by_label("Hvorfor?").fill(REASON)
    await page.get_by_role("button", name="Fortsæt").press("Enter")
    await expect(page.get_by_role("heading", name="Det sender disse")).to_be_visible()
    await check(page, "what taking it sends")


async def test_a_stalled_course_says_what_to_do(visit: Opener, desk: CoordinatorDesk) -> None:
    """What cannot be held, since when and why; each meeting links to finding another time."""
    course = await desk.application()
    first = (await desk.office.course(course)).course.sittings[0].start.date()
    leave = RosterChange(leave=[Leave(first=first, last=first + timedelta(days=300))])
    await change_consultant("anne", leave, means=desk.office.means)
    await check_courses("anne", means=desk.office.means)
    page = await visit(f"{PAGES}?show=stalled")
    await check(page, "list of stalled courses")
    await page.locator(f'a[href$="{course}"]').click()
    await expect(page.get_by_role("heading", name="Det, der ikke kan holdes")).to_be_visible()
    await check(page, "a stalled course")
    await page.get_by_role("link", name="Find et andet tidspunkt").first.click()
    await check(page, "no other time")
