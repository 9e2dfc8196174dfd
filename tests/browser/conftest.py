"""One headless Chromium of the machine for all browser tests, driven by playwright; and intake's pages for it to open."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from services.intake.form.visits import COOKIE
from tests.embedded import Embedded
from tests.form_visitor import Visitor
from tests.intake_house import House
from tests.needs import CHROMIUM_FLAGS
from tests.node_packages import NODE
from tests.page_checks import Opener
from tests.served_intake import served_intake
from tests.visits import DANISH, SOON_MS, visits


@pytest.fixture(scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    with pytest.MonkeyPatch.context() as patched:
        # The Node that playwright brings needs a library which a bare Debian does not hold; the wheel's Node does not.
        patched.setenv("PLAYWRIGHT_NODEJS_PATH", str(NODE))
        expect.set_options(timeout=SOON_MS)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_FLAGS))
            yield browser
            await browser.close()


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """An empty page with cookies of its own, in Danish and in Danish time."""
    context = await chromium.new_context(**DANISH)
    context.set_default_timeout(SOON_MS)
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="session")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    """Intake with a real HTTP server, shared by all browser tests; its clock goes on only where a test moves it."""
    async with served_intake(mongodb=stack.mongodb) as found:
        yield found


@pytest.fixture
async def visit(chromium: Browser, intake: House) -> AsyncIterator[Opener]:
    """Opens pages of intake, each call in a browser of its own; fails the test if one of them found something to complain about.

    Takes the path, and options of playwright's `new_context`, as `java_script_enabled=False`; `like` is a visitor without
    a browser whose cookies the new one gets.
    """
    async with visits(chromium, intake.settings.public_url) as opened:

        async def visit(path: str = "/", *, like: Visitor | None = None, **options: Any) -> Page:
            return await opened(path, cookies={COOKIE: like.http.cookies[COOKIE]} if like else None, **options)

        yield visit


@pytest.fixture
async def visitor(intake: House) -> AsyncIterator[Visitor]:
    """Fills in the form without a browser, quickly, where a test is about what comes after."""
    async with httpx2.AsyncClient(transport=intake.http._transport, base_url="http://intake.example") as http:
        yield Visitor(http)
