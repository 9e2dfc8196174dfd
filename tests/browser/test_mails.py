"""Mails as a mail program shows them: in light and in dark, on a small phone, to people who do not see them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.mail_pictures import FOLDER, WIDTH_PX, pictures, source
from tests.mail_samples import KIND_NAMES, LANGUAGES, SAMPLES, words
from tests.page_checks import AXE, DRAWS_PICTURES, NARROW_PX, sideways
from tests.small_png import small_picture

HEIGHT_PX = 100
"""Less than any mail, so that a picture of a short one ends where the mail does."""
# A mail stands in the page of a mail program, whose landmarks those are.
OF_WHOLE_PAGES = {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}
Shown = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def shown(chromium: Browser) -> Shown:
    """A page for mails. Nothing that they would load is loaded; that they ask for nothing is checked."""

    @asynccontextmanager
    async def shown(scheme: str, width: int) -> AsyncIterator[Page]:
        context = await chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": HEIGHT_PX})
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        try:
            yield await context.new_page()
            assert asked == []
        finally:
            await context.close()

    return shown


async def test_axe_finds_nothing_in_any_mail(shown: Shown) -> None:
    """Headings, lists, names of links, the language, contrast."""
    async with shown("light", WIDTH_PX) as page:
        assert await _found(page, {"rules": OF_WHOLE_PAGES}) == {}


async def test_every_mail_can_be_read_in_the_dark(shown: Shown) -> None:
    """Contrast is all that differs there."""
    async with shown("dark", WIDTH_PX) as page:
        assert await _found(page, {"runOnly": ["color-contrast"]}) == {}


async def _found(page: Page, options: dict[str, Any]) -> dict[str, list[str]]:
    """The rules of axe that are broken, by kind of mail."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}
    for kind in KIND_NAMES:
        await page.set_content(words(kind).html)
        result = await page.evaluate(
            "options => axe.run(document, {...options, resultTypes: ['violations'], reporter: 'no-passes'})", options
        )
        found[kind] = [row["id"] for row in result["violations"]]
    return {kind: rules for kind, rules in found.items() if rules}


async def test_no_mail_scrolls_sideways_on_a_small_phone(shown: Shown) -> None:
    """However long an address or a reference is."""
    async with shown("light", NARROW_PX) as page:
        for sample in SAMPLES:
            for language in LANGUAGES:
                await page.set_content(words(sample, language).html)
                assert await sideways(page) == [], f"{sample}.{language}"


async def test_dark_mode_changes_the_colours_that_stand_in_the_elements(shown: Shown) -> None:
    """The rules of the head win over the style attributes, so nobody is blinded."""
    colours = []
    for scheme in ("light", "dark"):
        async with shown(scheme, WIDTH_PX) as page:
            await page.set_content(words("reminder").html)
            colours.append(
                await page.evaluate(
                    "['body', '.card', '.box', '.button'].map(one => "
                    "getComputedStyle(document.querySelector(one)).backgroundColor)"
                )
            )
    light, dark = colours
    assert [one for one, other in zip(light, dark, strict=True) if one == other] == []


@pytest.mark.skipif(not DRAWS_PICTURES, reason="`make screenshots` draws them")
async def test_the_pictures_of_all_mails_are_drawn(shown: Shown) -> None:
    """Into docs/messages, small enough for a repository."""
    FOLDER.mkdir(exist_ok=True)
    async with shown("light", WIDTH_PX) as page:
        for name, html in pictures().items():
            await page.set_content(html)
            (FOLDER / name).write_bytes(await small_picture(page, source=source(html)))
