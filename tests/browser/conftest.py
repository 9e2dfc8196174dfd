"""A page in a headless Chromium of the machine, driven by playwright."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright

from tests.needs import CHROMIUM_FLAGS
from tests.node_packages import NODE


@pytest.fixture
async def page(chromium_path: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Page]:
    """An empty page in a browser of its own, in Danish and in Danish time."""
    # The Node that playwright brings needs a library which a bare Debian does not hold; the wheel's Node does not.
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_FLAGS))
        context = await browser.new_context(locale="da-DK", timezone_id="Europe/Copenhagen")
        yield await context.new_page()
        await browser.close()
