"""Somebody at a page who has a keyboard and no mouse; every stop on the way must be one where the focus can be seen."""

from playwright.async_api import Page, expect

from services.intake.form.control import id_of
from tests.form_samples import Sent
from tests.form_typist import MUNICIPALITIES

STOPS_MAX = 90
# The design system draws the outline of boxes around what stands before their labels.
FOCUS = """() => {
  const one = document.activeElement;
  const label = one.nextElementSibling;
  const styles = [getComputedStyle(one)];
  if (label?.tagName === "LABEL") styles.push(getComputedStyle(label, "::before"));
  const box = one.getBoundingClientRect();
  const drawn = styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  return [one.id || one.className || one.tagName, one === document.body || drawn && box.bottom > 0 && box.top < innerHeight];
}"""
ORDER = """([names, ids]) => names.map((name, at) => [at, document.getElementById(ids[at])])
  .sort(([, one], [, two]) => one.compareDocumentPosition(two) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)
  .map(([at, one]) => [at, one.type, one.getAttribute("role"), one.tagName])"""


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element with this id has the focus."""
    passed = []
    for _ in range(STOPS_MAX):
        await page.keyboard.press("Tab")
        found, is_seen = await page.evaluate(FOCUS)
        assert is_seen, f"the focus cannot be seen on {found}"
        if found == wanted:
            return
        passed.append(found)
    raise AssertionError(f"{wanted} cannot be reached by Tab; {passed} can")


async def press_through(page: Page, button: str) -> None:
    """Go to a button, press it, and wait for the page that it leads to."""
    before = page.url
    await tab_to(page, button)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url != before, wait_until="load")


async def type_in(page: Page, fields: Sent, texts: dict[str, str]) -> None:
    """All this, from the top of the page to its end. `texts` are what the options of selects begin with, by their values."""
    for name, value, field_id, kind in await _in_order(page, fields):
        await tab_to(page, field_id)
        if kind == "search":
            await page.keyboard.type(MUNICIPALITIES[value][:5])
            await expect(page.locator(".autocomplete__option").first).to_have_text(MUNICIPALITIES[value])
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("Enter")
        elif kind == "checkbox":
            await page.keyboard.press("Space")
        elif kind == "radio":
            await page.keyboard.press("Space")
            wanted = page.locator(f'[name="{name}"][value="{value}"]')
            while not await wanted.is_checked():
                await page.keyboard.press("ArrowDown")
        else:
            await page.keyboard.type(texts.get(value, value) if kind == "select-one" else value)


async def _in_order(page: Page, fields: Sent) -> list[tuple[str, str, str, str]]:
    """Name, value, id and kind of each control, as Tab comes to them."""
    rows = []
    for name, value in fields:
        box = page.locator(f'input[type="checkbox"][name="{name}"][value="{value}"]')
        field_id = await box.get_attribute("id") if await box.count() else id_of(name)
        rows.append((name, value, field_id or ""))
    found = await page.evaluate(ORDER, [[name for name, _, _ in rows], [field_id for _, _, field_id in rows]])
    return [(*rows[at], "search" if role == "combobox" else kind) for at, kind, role, _ in found]
