"""Staff's pages about mails in a real browser: every page and state of them shuts nobody out, and a mail in its frame does nothing."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from deploy.local.ports import free_ports
from services.notifier.staff.desk import PAGES
from shared.staff.access import COOKIE
from tests.embedded import Embedded
from tests.mail_desk import REASON, MailDesk, mail_desk, some_mails
from tests.page_checks import Opener, check
from tests.served_app import served
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
FAULT = re.compile("^Fejl: ")


@pytest.fixture(scope="module")
async def desk(stack: Embedded) -> AsyncIterator[MailDesk]:
    async with mail_desk(stack) as opened:
        await some_mails(opened)
        yield opened


@pytest.fixture(scope="module")
async def origin(desk: MailDesk) -> AsyncIterator[str]:
    [port] = free_ports(1)
    async with served(desk.app, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def visit(chromium: Browser, origin: str) -> AsyncIterator[Opener]:
    """A coordinator's browser, who is logged in."""
    async with visits(chromium, origin, cookies={COOKIE: "x"}) as opened:
        yield opened


async def test_lists_of_mails_shut_nobody_out(visit: Opener) -> None:
    """What needs attention, everything, nothing; planned mails, addresses without mail; and in English."""
    page = await visit(PAGES)
    await expect(page.get_by_role("heading", name="Mails")).to_be_visible()
    await check(page, "needs attention")
    await page.get_by_role("link", name="Alle (").click()
    await check(page, "all")
    await page.get_by_label("Slags mail").select_option("evaluation")
    await page.get_by_role("button", name="Vis").click()
    await expect(page.get_by_text("Der er ingen.")).to_be_visible()
    await check(page, "nothing")
    await page.goto(f"{PAGES}/planned?days=92")
    await check(page, "planned")
    await page.get_by_role("link", name="Adresser uden mails").click()
    await check(page, "addresses")
    page = await visit(PAGES, locale="en-GB")
    await expect(page.get_by_role("link", name="Needs attention")).to_be_visible()
    await check(page, "in English")


async def test_the_mails_of_an_application_shut_nobody_out(visit: Opener) -> None:
    """Sent and planned ones; and ones that did not arrive."""
    for application_id in ("a001", "a002"):
        page = await visit(f"{PAGES}/applications/{application_id}")
        await check(page, application_id)


async def test_a_mail_is_shown_in_a_frame_that_does_nothing(visit: Opener, desk: MailDesk) -> None:
    """It is readable, runs no script, loads nothing, and its links lead nowhere."""
    page = await visit(f"{PAGES}/{(await desk.message('course_booked')).message_id}")
    frame = page.frame_locator("iframe.mail")
    await expect(frame.get_by_role("heading", level=1)).to_be_visible()
    targets = await frame.locator("a").evaluate_all("links => links.map((one) => one.getAttribute('href'))")
    assert "#" in targets
    assert not [one for one in targets if "/s/" in one]
    await check(page, "a mail")
    page = await visit(f"{PAGES}/{(await desk.message('invite')).message_id}")
    await page.get_by_text("Det, kalendere læser").click()
    await expect(page.get_by_text("BEGIN:VCALENDAR")).to_be_visible()
    await check(page, "an invite")


async def test_acts_on_mails_shut_nobody_out(visit: Opener, desk: MailDesk) -> None:
    """The form, its faults, the question, what is said afterwards; and what cannot be done."""
    message = await desk.message("waiting_list", of="a004")
    page = await visit(f"{PAGES}/{message.message_id}")
    await page.get_by_role("link", name="Flyt mailen").click()
    await check(page, "the form")
    await page.get_by_role("button", name="Fortsæt").click()
    await expect(page).to_have_title(FAULT)
    await check(page, "with faults")
    await page.goto(f"{PAGES}/{message.message_id}/acts/stop")
    await page.get_by_label("Hvorfor?").fill(REASON)
    await page.get_by_role("button", name="Fortsæt").click()
    await check(page, "the question")
    await page.get_by_role("button", name="Ja, stop den").click()
    await expect(page.get_by_role("status")).to_contain_text("Mailen er stoppet")
    await check(page, "done")
    await page.goto(f"{PAGES}/{message.message_id}/acts/stop")
    await expect(page.get_by_role("heading", name="Det kan ikke lade sig gøre")).to_be_visible()
    await check(page, "impossible")
