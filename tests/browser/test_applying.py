"""The whole form in a real browser: with scripts, without, with the keyboard alone, in both languages."""

from playwright.async_api import Page, expect

from services.intake.form.steps import ORDER, Step
from tests.form_typist import fill_in, fill_step
from tests.intake_house import House, new_application
from tests.page_checks import NARROW_PX, Opener, sideways


async def stored(intake: House, page: Page) -> dict[str, object]:
    """The application whose receipt is open."""
    reference = await page.locator("#reference").inner_text()
    row = await intake.client["intake"]["applications"].find_one({"application.reference": reference})
    assert row is not None
    found: dict[str, object] = row["application"]
    return found


async def test_one_workplace_applies(visit: Opener, intake: House) -> None:
    """From the start page to the status page, with the search field and all that scripts add."""
    sample = new_application()
    page = await visit()
    await page.locator("#begin").click()
    await fill_in(page, sample)
    intake.clock.forward(seconds=60)
    await page.locator("#send").click()
    await expect(page.get_by_role("heading", name="Tak for jeres ansøgning")).to_be_visible()
    assert (await stored(intake, page))["municipalities"] == sample["municipalities"]
    await page.locator("#status-link").click()
    await expect(page.get_by_text(sample["challenge"])).to_be_visible()


async def test_several_workplaces_apply_without_scripts(visit: Opener, intake: House) -> None:
    """On a small phone; rows are added and taken away by buttons, and what was typed in the others stays."""
    sample = new_application(joint=True)
    page = await visit(java_script_enabled=False, viewport={"width": NARROW_PX, "height": 640})
    await page.locator("#begin").click()
    await fill_step(page, sample, Step.COURSE)
    await page.locator("#next").click()
    await fill_step(page, sample, Step.WORKPLACES)
    assert await sideways(page) == []
    await page.locator('[value="add-workplaces"]').click()
    third = page.locator("#workplaces-2-name")
    await third.fill("En, som vi fortryder")
    await page.locator('[value="remove-workplaces-2"]').click()
    await expect(third).to_have_count(0)
    await expect(page.locator("#workplaces-1-name")).to_have_value(sample["workplaces"][1]["name"])
    await page.locator("#next").click()
    await page.locator('[value="add-contacts.others"]').click()
    await fill_step(page, sample, Step.CONTACTS)
    await page.locator("#next").click()
    await fill_step(page, sample, Step.MATTER)
    await page.locator("#next").click()
    for group in ("wishes.avoid_hours", "wishes.unavailable"):
        rows = page.locator(f'[value^="remove-{group}-"]')
        await page.locator(f'[value="add-{group}"]').click()
        await expect(rows).to_have_count(2)
        await rows.first.click()
        await expect(rows).to_have_count(0)
    await page.locator("#next").click()
    await fill_step(page, sample, Step.REVIEW)
    assert await sideways(page) == []
    intake.clock.forward(seconds=60)
    await page.locator("#send").click()
    found = await stored(intake, page)
    assert (found["kind"], len(found["contacts"])) == ("joint", 3)
    await page.locator("#status-link").click()
    for workplace in sample["workplaces"]:
        await expect(page.get_by_text(workplace["name"]).first).to_be_visible()


async def test_the_whole_way_is_there_in_english(visit: Opener, intake: House) -> None:
    """From the Danish start page by the link in its head; every page says its language, and the receipt speaks it."""
    sample = new_application({"contacts.leader.language": "en"})
    page = await visit()
    await page.get_by_role("link", name="English").click()
    await page.locator("#begin").click()
    html = page.locator("html")
    for step in ORDER[:-1]:
        await expect(html).to_have_attribute("lang", "en")
        await fill_step(page, sample, step)
        await page.get_by_role("button", name="Next", exact=True).click()
    await fill_step(page, sample, Step.REVIEW)
    intake.clock.forward(seconds=60)
    await page.get_by_role("button", name="Send the application").click()
    await expect(page.get_by_role("heading", name="Thank you for your application")).to_be_visible()
    await expect(html).to_have_attribute("lang", "en")
    await page.get_by_role("link", name="Dansk").click()
    await expect(page.get_by_role("heading", name="Tak for jeres ansøgning")).to_be_visible()
