"""Where coordinators admit applications, in a real browser: every page and state shuts nobody out, and needs no mouse."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.embedded import Embedded
from tests.intake_house import TRUSTED, House, new_application
from tests.keyboard import tab_to
from tests.page_checks import Opener, check
from tests.served_intake import served_intake
from tests.staff_accounts import COORDINATOR, log_in_on_page
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
NOTE = "De har allerede et forløb hos os, se journalen."


@pytest.fixture(scope="module")
async def house(stack: Embedded) -> AsyncIterator[House]:
    async with served_intake(mongodb=stack.mongodb, in_review=True) as found:
        yield found


@pytest.fixture
async def visit(chromium: Browser, house: House) -> AsyncIterator[Opener]:
    async with visits(chromium, house.settings.public_url) as opened:
        yield opened


async def opened(visit: Opener, path: str) -> Page:
    """The page, after the log-in."""
    page = await visit(path)
    await log_in_on_page(page, COORDINATOR)
    await expect(page).to_have_url(path)
    return page


async def submitted(house: House) -> str:
    """Reference number of a new application."""
    answer = await house.accepted(new_application(), headers=TRUSTED)
    reference: str = answer["reference"]
    return reference


async def test_declining_shuts_nobody_out(visit: Opener, house: House) -> None:
    """The list, the application, what is missing, the question that lists the mails, and what was decided."""
    reference = await submitted(house)
    page = await opened(visit, "/review")
    await check(page, "the list")
    await page.get_by_role("link", name=reference).click()
    await expect(page.get_by_role("heading", name="Jeres svar")).to_be_visible()
    await check(page, "an application")
    await page.locator("#go-on").click()
    await expect(page.locator("#faults")).to_be_focused()
    await expect(page).to_have_title(re.compile("^Fejl: "))
    await check(page, "faults")
    await page.locator("#outcome-declined").check()
    await page.locator("#ground").select_option("other_course")
    await page.locator("#note").fill(NOTE)
    await page.locator("#go-on").click()
    await expect(page.get_by_role("heading", name=re.compile("ansøgning"))).to_be_visible()
    await check(page, "the question")
    await page.locator("#do-it").click()
    await expect(page.get_by_text(NOTE)).to_be_visible()
    await check(page, "declined")
    await page.goto("/review?show=decided")
    await expect(page.get_by_role("link", name=reference)).to_be_visible()
    await check(page, "what was decided")


async def test_an_application_is_admitted_without_a_mouse(visit: Opener, house: House) -> None:
    """From the first Tab to the answer; the focus can be seen at every stop."""
    reference = await submitted(house)
    page = await opened(visit, f"/review/{reference}")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skipnav")).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, "outcome-admitted")
    await page.keyboard.press("Space")
    await tab_to(page, "go-on")
    await page.keyboard.press("Enter")
    await expect(page.locator("#do-it")).to_be_visible()
    await check(page, "the question")
    await tab_to(page, "do-it")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Imødekommet")).to_be_visible()
