"""What people do at a form: two tabs, the back button, a double click, a long lunch; and where the summary of faults leads."""

import pytest
from playwright.async_api import Page, expect

from services.intake.form.steps import Step
from tests.form_samples import fields_of_step
from tests.form_typist import fill_in, fill_step
from tests.form_visitor import Visitor
from tests.intake_house import House, new_application
from tests.page_checks import NARROW_PX, Opener, picture, sideways

RECEIPT = "**/kvittering"


async def reviewed(visit: Opener, visitor: Visitor, intake: House, **options: object) -> Page:
    """The review of a complete application, its boxes ticked, after a minute."""
    sample = new_application()
    await visitor.fill_in(sample)
    page = await visit(visitor.at(Step.REVIEW), like=visitor, **options)
    await fill_step(page, sample, Step.REVIEW)
    intake.clock.forward(seconds=60)
    return page


def applications(intake: House) -> int:
    return len({one.envelope.subject for one in intake.published})


async def test_two_applications_in_two_tabs_do_not_mix(visit: Opener) -> None:
    """Each keeps its own entries, and the start page leads to both."""
    one = await visit()
    other = await one.context.new_page()
    await other.goto("/")
    for page, name in ((one, "MED Øst"), (other, "MED Vest")):
        await page.locator("#begin").click()
        await page.locator("#committee-name").fill(name)
    for page in (one, other):
        await page.locator("#later").click()
    links = one.locator("#drafts a")
    await one.goto("/")
    await expect(links).to_have_count(2)
    found = set()
    for number in range(2):
        await links.nth(number).click()
        found.add(await one.locator("#committee-name").input_value())
        await one.goto("/")
    assert found == {"MED Øst", "MED Vest"}


async def test_one_application_in_two_tabs_keeps_what_both_wrote(visit: Opener, visitor: Visitor) -> None:
    """Each tab saves its own step."""
    await visitor.begin()
    one = await visit(visitor.at(Step.MATTER), like=visitor)
    other = await one.context.new_page()
    await other.goto(visitor.at(Step.TIMES))
    await one.locator("#challenge").fill("Skrevet i den ene")
    await other.locator("#wishes-weeks_out").fill("7, 8")
    await one.locator("#next").click()
    await other.locator("#next").click()
    await other.wait_for_url("**/gennemse")
    await expect(other.get_by_text("Skrevet i den ene")).to_be_visible()
    await expect(other.get_by_text("Uge 7")).to_be_visible()


async def test_the_back_button_finds_what_was_written_and_sends_nothing_again(visit: Opener, intake: House) -> None:
    """Within the steps, and after sending."""
    sample, before = new_application(), applications(intake)
    page = await visit()
    await page.locator("#begin").click()
    await fill_in(page, sample)
    await page.go_back()
    await page.go_back()
    await expect(page.locator("#challenge")).to_have_value(sample["challenge"])
    await page.go_forward()
    await page.go_forward()
    await fill_step(page, sample, Step.REVIEW)
    intake.clock.forward(seconds=60)
    await page.locator("#send").click()
    await page.wait_for_url(RECEIPT)
    reference = await page.locator("#reference").inner_text()
    await page.go_back()
    await page.wait_for_url(RECEIPT)
    await page.reload()
    await expect(page.locator("#reference")).to_have_text(reference)
    assert applications(intake) == before + 1


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_double_click_sends_once(visit: Opener, visitor: Visitor, intake: House, *, scripts: bool) -> None:
    """With scripts and without: one application, one receipt."""
    before = applications(intake)
    page = await reviewed(visit, visitor, intake, java_script_enabled=scripts)
    await page.locator("#send").dblclick()
    await page.wait_for_url(RECEIPT)
    await expect(page.locator("#reference")).to_be_visible()
    assert applications(intake) == before + 1


async def test_after_a_long_pause_the_review_asks_once_more(visit: Opener, visitor: Visitor, intake: House) -> None:
    """The token is too old: the page says so first, everything is kept, and the next click sends."""
    before = applications(intake)
    page = await reviewed(visit, visitor, intake)
    intake.clock.forward(hours=5)
    await page.locator("#send").click()
    await expect(page.locator("#notice")).to_be_focused()
    await expect(page.locator("#privacy_read")).to_be_checked()
    assert applications(intake) == before
    await page.locator("#send").click()
    await page.wait_for_url(RECEIPT)
    assert applications(intake) == before + 1


async def test_a_slip_of_the_hand_is_told_where_it_is(visit: Opener, visitor: Visitor) -> None:
    """At the top and at the field, on a screen and on a phone; what was typed is still there."""
    sample = new_application({"contacts.leader.email": "anne.holm@ringsted", "contacts.leader.phone": "57 62 60"})
    await visitor.begin()
    for step in (Step.COURSE, Step.WORKPLACES):
        await visitor.save(step, fields_of_step(sample, step))
    page = await visit(visitor.at(Step.CONTACTS), like=visitor, viewport={"width": 1000, "height": 1150})
    await fill_step(page, sample, Step.CONTACTS)
    await page.locator("#next").click()
    await expect(page.locator("#fault-list a")).to_have_count(2)
    await expect(page.locator("#contacts-leader-email-error")).to_be_visible()
    await expect(page.locator("#contacts-leader-phone")).to_have_value("57 62 60")
    await picture(page, "form")
    await page.set_viewport_size({"width": NARROW_PX, "height": 720})
    await page.locator("#faults").scroll_into_view_if_needed()
    await picture(page, "form-phone")


async def test_each_fault_leads_to_its_field(visit: Opener, visitor: Visitor) -> None:
    """The summary has the focus first; its links move it to the field, also to a search field and to the first of boxes."""
    await visitor.begin()
    page = await visit(visitor.at(Step.COURSE), like=visitor)
    for step in (Step.COURSE, Step.WORKPLACES, Step.CONTACTS, Step.MATTER):
        await page.goto(visitor.at(step))
        await page.locator("#next").click()
        await expect(page.locator("#faults")).to_be_focused()
        links = page.locator("#fault-list a")
        for number in range(await links.count()):
            await links.nth(number).click()
            target = (await links.nth(number).get_attribute("href") or "").removeprefix("#")
            await expect(page.locator(f'[id="{target}"]')).to_be_focused()


async def test_the_review_leads_to_what_is_missing_and_back(visit: Opener, visitor: Visitor) -> None:
    """Straight to the field on its step; after saving one is in the review again."""
    sample = new_application()
    await visitor.fill_in(sample)
    fields = [(name, value) for name, value in fields_of_step(sample, Step.WORKPLACES) if "municipality" not in name]
    await visitor.save(Step.WORKPLACES, fields)
    page = await visit(visitor.at(Step.REVIEW), like=visitor)
    await expect(page.locator("#remaining")).to_be_focused()
    await page.locator("#remaining a").click()
    await expect(page.locator("#workplaces-0-municipality")).to_be_focused()
    await fill_step(page, sample, Step.WORKPLACES)
    await page.locator("#next").click()
    await page.wait_for_url("**/gennemse")
    await expect(page.locator("#remaining")).to_have_count(0)


async def test_own_colours_and_paper(visit: Opener, visitor: Visitor, intake: House) -> None:
    """In forced colours a fault is still marked; on paper the receipt holds its number and no buttons."""
    page = await reviewed(visit, visitor, intake, forced_colors="active")
    await page.locator("#agreed").uncheck()
    await page.locator("#send").click()
    await expect(page.locator("#agreed-error")).to_be_visible()
    await page.locator("#agreed").check()
    await page.locator("#send").click()
    await page.wait_for_url(RECEIPT)
    await page.emulate_media(media="print")
    await expect(page.locator("#reference")).to_be_visible()
    await expect(page.locator("#status-link")).to_be_hidden()
    assert await sideways(page) == []
