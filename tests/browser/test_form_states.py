"""Every state of every page of the form: axe finds nothing, and nothing sticks out at 320 px."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page, expect

from services.intake.form.steps import ORDER, Step
from shared.words import Language
from tests.form_samples import fields_of_step
from tests.form_visitor import Visitor
from tests.intake_house import House, new_application
from tests.page_checks import NARROW_PX, Opener, check

pytestmark = pytest.mark.needs("node")
WIDE_PX = 1000
ROWS = {
    Step.WORKPLACES: "workplaces",
    Step.CONTACTS: "contacts.others",
    Step.TIMES: "wishes.unavailable",
}


async def walk_empty(page: Page, visitor: Visitor, sample: dict[str, Any], *, all_states: bool) -> None:
    """Each step as it is met first, and when nothing was written; then the review of all that."""
    for step in ORDER[:-1]:
        if all_states:
            await page.goto(visitor.at(step))
            await check(page, f"{step} empty")
        await visitor.save(step, [])
        await page.goto(visitor.at(step))
        await check(page, f"{step} with faults")
        if step is Step.COURSE:
            # The kind of course says what the next steps ask for.
            await visitor.save(step, [("kind", sample["kind"])])
    await visitor.save(Step.REVIEW, [], act="send")
    await page.goto(visitor.at(Step.REVIEW))
    await expect(page.locator("#remaining")).to_be_visible()
    await check(page, "review of an incomplete application")


async def walk_filled(page: Page, visitor: Visitor, sample: dict[str, Any], *, all_states: bool) -> None:
    """Each step filled in, with a row more where there are rows; the list of municipalities open."""
    for step in ORDER[:-1]:
        await visitor.save(step, fields_of_step(sample, step), act=f"add-{ROWS.get(step)}")
        if all_states:
            await page.goto(visitor.at(step))
            await check(page, f"{step} filled in")
        if step is Step.WORKPLACES:
            await page.goto(visitor.at(step))
            await page.locator("#workplaces-0-municipality").fill("s")
            await expect(page.locator(".autocomplete__option").first).to_be_visible()
            await check(page, "municipalities to choose from")
    await page.goto(visitor.at(Step.REVIEW))


@pytest.mark.parametrize(("joint", "language", "width"), [(True, "da", NARROW_PX), (False, "en", WIDE_PX)])
async def test_the_form_shuts_nobody_out(
    visit: Opener, intake: House, visitor: Visitor, *, joint: bool, language: Language, width: int
) -> None:
    """From an empty start page to the receipt, with every kind of fault on the way."""
    # A joint course has every control that there is; of the other, the states that look different are enough.
    visitor.language = language
    sample = new_application(joint=joint)
    await visitor.begin()
    page = await visit(visitor.at(Step.COURSE), viewport={"width": width, "height": 800})
    await check(page, "no cookie")
    start = "/" if language == "da" else "/en/"
    await page.goto(start)
    await check(page, "start")
    page = await visit(start, like=visitor, viewport={"width": width, "height": 800})
    await check(page, "start with drafts")
    await page.goto(replace(visitor, draft="A" * 16).at(Step.COURSE))
    await check(page, "no such draft")

    await walk_empty(page, visitor, sample, all_states=joint)
    await walk_filled(page, visitor, sample, all_states=joint)
    await check(page, "review")
    await refused_then_sent(page, visitor, intake, sample)


async def refused_then_sent(page: Page, visitor: Visitor, intake: House, sample: dict[str, Any]) -> None:
    """The review without the promises, with a token that is too old, and at last the receipt."""
    review = await visitor.see(Step.REVIEW)
    await visitor.send(review, {})
    await page.reload()
    await expect(page.locator("#faults")).to_be_visible()
    await check(page, "review without promises")
    intake.clock.forward(hours=5)
    again = await visitor.send(review, sample)
    await page.goto(f"{again.path}?{again.query}")
    await expect(page.locator("#notice")).to_be_visible()
    await check(page, "review with a notice")
    await page.locator("#send").click()
    await expect(page.locator("#reference")).to_be_visible()
    await check(page, "receipt")
