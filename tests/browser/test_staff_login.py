"""The log-in in a real browser: in, where one wanted to go, and out again; with and without scripts."""

import pytest
from playwright.async_api import Page, expect

from tests.page_checks import Opener, check
from tests.staff_accounts import COORDINATOR, OPERATOR, log_in_on_page


async def log_out(page: Page) -> None:
    await page.get_by_role("button", name="Log ud").click()
    await expect(page.get_by_role("status")).to_have_text("Du er logget ud")


@pytest.mark.parametrize("scripts", [True, False])
async def test_staff_come_in_and_out(visit: Opener, scripts: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A slip, then the page that was asked for; after leaving, going back shows nothing of it."""
    page = await visit("/review", java_script_enabled=scripts)
    await expect(page).to_have_url("/staff/login?next=/review")
    if scripts:
        await check(page, "the log-in")
    await log_in_on_page(page, COORDINATOR, password="forkert")
    await expect(page.get_by_role("alert")).to_contain_text("passer ikke sammen")
    await expect(page).to_have_title("Fejl: Log ind · SPARK")
    if scripts:
        await check(page, "a wrong password")
    await log_in_on_page(page, COORDINATOR)
    await expect(page).to_have_url("/review")
    await expect(page.get_by_role("banner")).to_contain_text(f"Logget ind som {COORDINATOR}")
    if scripts:
        await check(page, "a page of staff")
    await log_out(page)
    if scripts:
        await check(page, "logged out")
    await page.go_back()
    await page.goto("/review")
    await expect(page.get_by_role("heading", name="Log ind")).to_be_visible()


async def test_the_keyboard_is_enough(visit: Opener) -> None:
    """Account, password and Enter."""
    page = await visit("/staff/login?next=/review")
    await page.get_by_label("Konto").focus()
    await page.keyboard.type(COORDINATOR)
    await page.keyboard.press("Tab")
    await page.keyboard.type("fire ord om blomster")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/review")


async def test_another_role_is_told_so_and_can_change_account(visit: Opener) -> None:
    """In the place of a page that she may not open."""
    page = await visit("/staff/login?next=/review")
    await log_in_on_page(page, OPERATOR)
    await expect(page.get_by_role("heading", name="Din konto giver ikke adgang til siden")).to_be_visible()
    await check(page, "another role")
    await log_out(page)


async def test_the_log_in_is_there_in_english(visit: Opener) -> None:
    """By the browser's wish, and by the link, which keeps where one wanted to go."""
    page = await visit("/staff/login?next=/review", locale="en-GB")
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    await page.get_by_role("link", name="Dansk").click()
    await expect(page.get_by_role("heading", name="Log ind")).to_be_visible()
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.locator("input[name=next]")).to_have_value("/review")
