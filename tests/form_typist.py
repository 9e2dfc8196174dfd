"""Fills in steps of the form in a real browser, with or without scripts: each control as a person would."""

from typing import Any

from playwright.async_api import Page, expect

from services.intake.form.control import id_of
from services.intake.form.steps import ORDER, Step
from shared.reference.municipalities import load_municipalities
from tests.form_samples import Sent, fields_of_step

MUNICIPALITIES = {one.code: one.name for one in load_municipalities()}
KINDS = """names => Object.fromEntries(names.map((name) => {
  const one = document.getElementsByName(name)[0];
  return [name, one.style.display === "none" ? "search" : one.type];
}))"""


async def fill(page: Page, fields: Sent) -> None:
    """Type, choose and tick all this on the page that is open."""
    # A button that was just pressed may still be on its way to this page; scripts change its controls until it is loaded.
    await page.locator(f'[name="{fields[0][0]}"]').first.wait_for(state="attached")
    await page.wait_for_load_state()
    kinds = await page.evaluate(KINDS, [name for name, _ in fields])
    for name, value in fields:
        control = page.locator(f'[name="{name}"]')
        if kinds[name] in ("radio", "checkbox"):
            await page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kinds[name] == "search":
            await search(page, id_of(name), MUNICIPALITIES[value])
        elif kinds[name] == "select-one":
            await control.select_option(value)
        else:
            await control.fill(value)


async def search(page: Page, field_id: str, name: str) -> None:
    """Find a municipality by the first letters of its name."""
    field = page.locator(f"#{field_id}")
    await field.fill(name[:5])
    await expect(page.locator(".autocomplete__option").first).to_have_text(name)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value(name)


async def fill_step(page: Page, application: dict[str, Any], step: Step) -> None:
    await fill(page, fields_of_step(application, step))


async def fill_in(page: Page, application: dict[str, Any]) -> None:
    """All steps from the first, which is open, up to the review, its boxes ticked."""
    for step in ORDER[:-1]:
        await fill_step(page, application, step)
        await page.locator("#next").click()
    await fill_step(page, application, Step.REVIEW)
