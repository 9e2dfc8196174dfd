"""Browsers that open pages of one origin; a page that found something to complain about fails its test."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page

from tests.page_checks import Opener, Watch

SOON_MS = 30_000
DANISH = {"locale": "da-DK", "timezone_id": "Europe/Copenhagen"}
SIZE = {"width": 1000, "height": 800}


@asynccontextmanager
async def visits(chromium: Browser, origin: str, *, cookies: Mapping[str, str] | None = None) -> AsyncIterator[Opener]:
    """Opens pages, each call in a browser of its own: the path, and options of playwright's `new_context`.

    `cookies` are there from the beginning, those of one call besides those of all.
    """
    contexts = []
    always = dict(cookies or {})

    async def visit(path: str = "/", *, cookies: Mapping[str, str] | None = None, **options: Any) -> Page:
        context = await chromium.new_context(**{**DANISH, "base_url": origin, "viewport": SIZE} | options)
        context.set_default_timeout(SOON_MS)
        contexts.append((context, Watch(context, origin)))
        given = {**always, **(cookies or {})}
        await context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in given.items()])
        page = await context.new_page()
        await page.goto(path)
        return page

    yield visit
    for context, _ in contexts:
        await context.close()
    assert [one for _, watch in contexts for one in watch.complaints()] == []
