"""A contact's new address in a real browser: every page of it shuts nobody out, for contacts and for staff."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from services.intake.message_view import MessageView
from tests.browsing import Applied, applied
from tests.embedded import Embedded
from tests.intake_house import TRUSTED, House, new_application
from tests.keyboard import tab_to
from tests.page_checks import Opener, check
from tests.served_intake import served_intake
from tests.staff_accounts import COORDINATOR, log_in_on_page
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
REASON = "Lederen ringede og gav os adressen."


@pytest.fixture(scope="module")
async def house(stack: Embedded) -> AsyncIterator[House]:
    async with served_intake(mongodb=stack.mongodb) as found:
        yield found


@pytest.fixture
async def visit(chromium: Browser, house: House) -> AsyncIterator[Opener]:
    async with visits(chromium, house.settings.public_url) as opened:
        yield opened


def fresh() -> str:
    return new_application()["contacts"]["leader"]["email"]


async def came_back(house: House, mine: Applied) -> str:
    """A mail to the leader came back, and the address takes none. Answers the leader's id."""
    leader: str = (await house.stored(mine.id))["application"]["contacts"][0]
    now = house.clock()
    view = MessageView(
        message_id=str(uuid4()),
        application_id=mine.id,
        sequence=2,
        person_id=leader,
        kind="receipt",
        state="bounced",
        created_at=now,
        decided_at=now,
        reason="no_such_recipient",
        undeliverable=True,
    )
    await house.parts.store.put_message(view)
    return leader


async def saw_the_notice(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Vores mails kommer ikke frem")).to_be_visible()
    await expect(page.get_by_role("cell", name="Kom retur")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_other_contact_gives_a_new_address(visit: Opener, house: House, *, scripts: bool) -> None:
    """The notice, a slip, and what everybody sees afterwards; without a mouse where the form is filled in."""
    mine = await applied(house, "employee")
    await came_back(house, mine)
    page = await visit(f"/s/{mine.token}", java_script_enabled=scripts)
    await saw_the_notice(page)
    if scripts:
        await check(page, "the notice")
        await tab_to(page, "mail-1")
    await page.locator("#mail-1").fill("anne")
    await page.locator("#mail-1").press("Enter")
    await expect(page.locator("#mail-fault")).to_be_visible()
    await expect(page.locator("#mail")).to_have_value("anne")
    if scripts:
        await expect(page.locator("#faults")).to_be_focused()
        await check(page, "a slip")
    await page.locator("#mail").fill(fresh())
    await page.locator("#mail").press("Enter")
    await expect(page).to_have_url(mine.page)
    await expect(page.get_by_role("heading", name="Vores mails kommer ikke frem")).to_have_count(0)
    await expect(page.get_by_text("af en anden kontaktperson")).to_be_visible()
    if scripts:
        await check(page, "changed")


async def test_a_contact_changes_the_own_address(visit: Opener, house: House) -> None:
    """From the status page over the form to the page that says to look in the mail, in both languages."""
    mine = await applied(house)
    await came_back(house, mine)
    page = await visit(f"/s/{mine.token}")
    await saw_the_notice(page)
    await check(page, "the reader's own notice")
    await page.get_by_role("link", name="Ret adressen").click()
    await expect(page.get_by_role("heading", name="Ny mailadresse")).to_be_visible()
    await check(page, "the form")
    await page.locator("#mail").fill(fresh())
    await page.get_by_role("button", name="Brug den nye adresse").click()
    await expect(page.get_by_role("heading", name="Se i jeres mail")).to_be_visible()
    await check(page, "look in your mail")
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await check(page, "look in your mail, English")


async def test_whoever_sent_the_application_in_is_told_what_can_be_done(visit: Opener, house: House) -> None:
    """There is no form: whoever has that link need not be a contact."""
    answer = await house.accepted(new_application())
    mine = Applied(answer["application_id"], answer["reference"], "")
    await came_back(house, mine)
    page = await visit(answer["page_url"])
    await saw_the_notice(page)
    await expect(page.locator("#mail-1")).to_have_count(0)
    await check(page, "the sender's notice")


async def test_staff_change_an_address(visit: Opener, house: House) -> None:
    """The contacts, what is missing, the question that lists the mails, and the history."""
    mine = await applied(house)
    leader = await came_back(house, mine)
    page = await visit(f"/review/{mine.reference}")
    await log_in_on_page(page, COORDINATOR)
    await page.get_by_role("link", name="Kontaktpersoner og deres adresser").click()
    await expect(page.get_by_text("Mails kommer retur")).to_be_visible()
    await check(page, "the contacts")
    await page.locator(f'main a[href*="{leader}"]').click()
    await page.locator("#go-on").click()
    await expect(page.locator("#faults")).to_be_focused()
    await check(page, "faults")
    await page.locator("#mail").fill(fresh())
    await page.locator("#reason").fill(REASON)
    await page.locator("#go-on").click()
    await expect(page.get_by_role("heading", name="Skal den nye adresse bruges?")).to_be_visible()
    await check(page, "the question")
    await page.locator("#do-it").click()
    await expect(page.get_by_role("cell", name=REASON)).to_be_visible()
    await expect(page.get_by_text("Mails kommer retur")).to_have_count(0)
    await check(page, "the history")


async def test_materials_stand_on_the_page_under_a_neutral_heading(visit: Opener, house: House) -> None:
    """Links to those of the application's own themes; nothing is fetched from there."""
    programme = house.parts.programme
    [theme, *_] = [one for one in programme.themes if one.materials]
    answer = await house.accepted(new_application({"themes": [theme.code]}), headers=TRUSTED)
    page = await visit(answer["page_url"])
    heading = page.get_by_role("heading", name="Materialer til jeres forløb")
    await expect(heading).to_be_visible()
    for one in theme.materials:
        await expect(page.locator(f'main a[href="{one.url}"]')).to_have_text(one.name.da)
    await check(page, "materials")
