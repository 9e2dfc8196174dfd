"""The form with the keyboard alone."""

from playwright.async_api import expect

from services.intake.form.steps import ORDER, Step
from tests.form_samples import fields_of_step
from tests.intake_house import House, new_application
from tests.keyboard import press_through, tab_to, type_in
from tests.page_checks import Opener

BEGIN_WITH = {"jobcenter": "Jobcenter", "amr": "Arbejdsmilj", "da": "Dansk"}


async def test_the_whole_form_needs_no_mouse(visit: Opener, intake: House) -> None:
    """From the first Tab to the receipt; the focus can be seen at every stop, and faults take it to where they are told."""
    sample = new_application()
    page = await visit()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skipnav")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main-content")).to_be_focused()
    await press_through(page, "begin")
    for step in ORDER[:-1]:
        if step is Step.CONTACTS:
            await tab_to(page, "next")
            await page.keyboard.press("Enter")
            await expect(page.locator("#faults")).to_be_focused()
            await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await expect(page.locator("#contacts-leader-name")).to_be_focused()
            await page.keyboard.press("Shift+Tab")
        await type_in(page, fields_of_step(sample, step), BEGIN_WITH)
        await press_through(page, "next")
    await type_in(page, fields_of_step(sample, Step.REVIEW), {})
    intake.clock.forward(seconds=60)
    await press_through(page, "send")
    await expect(page.locator("#reference")).to_be_visible()
    await press_through(page, "status-link")
    await expect(page.get_by_text(sample["challenge"])).to_be_visible()
