"""What every page must stand up to in a real browser: axe, 320 px, and a browser that finds nothing to complain about."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

from tests.node_packages import NODE_FOLDER

DOCS = Path(__file__).parents[1] / "docs"
DRAWS_PICTURES = os.environ.get("SCREENSHOTS") == "docs"
"""`make screenshots`: the tests draw the pictures of the README anew."""
AXE = NODE_FOLDER / "node_modules/axe-core/axe.min.js"
NARROW_PX = 320
"""A small phone; and 400 % zoom on a screen of 1280 px (WCAG 2.2, 1.4.10)."""
Opener = Callable[..., Awaitable[Page]]
"""The fixture `visit` of tests/browser."""


async def violations(page: Page) -> list[str]:
    """What axe finds, each as a line that says what and where."""
    if not await page.evaluate("typeof axe === 'object'"):
        # The page's own policy forbids foreign scripts, as it should; this goes past it, as an extension does.
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], reporter: 'no-passes'})"
    )
    return [f"{row['id']}: {row['help']} at {[node['target'] for node in row['nodes']]}" for row in found["violations"]]


async def sideways(page: Page) -> list[str]:
    """What sticks out of the page at its present width; nothing where it does not scroll sideways."""
    found: list[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [`${document.documentElement.scrollWidth} px wide`, ...Array.from(document.querySelectorAll("body *"))
          .filter((one) => one.getBoundingClientRect().right > innerWidth)
          .map((one) => `${one.tagName}.${one.className}#${one.id}`)]"""
    )
    return found


async def check(page: Page, state: str) -> None:
    """Axe finds nothing, and nothing sticks out at 320 px. `state` says in a failure which page it was."""
    found = await violations(page)
    size = page.viewport_size
    if size and size["width"] != NARROW_PX:
        await page.set_viewport_size({"width": NARROW_PX, "height": 800})
        found += await sideways(page)
        await page.set_viewport_size(size)
    else:
        found += await sideways(page)
    assert found == [], f"{state} at {page.url}"


async def picture(page: Page, name: str) -> None:
    """What is in view, into docs/, where pictures are asked for."""
    if DRAWS_PICTURES:
        await page.screenshot(path=DOCS / f"{name}.png", animations="disabled")


class Watch:
    """Listens to all pages of a browser context. Pages that are refused on purpose are no complaint; all else is."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._origin = f"{origin}/"
        self._said: list[tuple[str, str]] = []
        self._refused: set[str] = set()
        self._complaints: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)

    def complaints(self) -> list[str]:
        """Console messages (violations of the policy are among them), script errors, failed and foreign requests."""
        said = [f"{text} at {url}" for text, url in self._said if not self._is_of_refused_page(text, url)]
        return self._complaints + said

    def _is_of_refused_page(self, text: str, url: str) -> bool:
        return url in self._refused and text.startswith("Failed to load resource: the server responded with")

    def _console(self, message: ConsoleMessage) -> None:
        self._said.append((message.text, message.location["url"]))

    def _error(self, error: WebError) -> None:
        self._complaints.append(f"script error: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:")):
            self._complaints.append(f"foreign: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status < 400:
            return
        if response.request.is_navigation_request():
            self._refused.add(response.url)
        else:
            self._complaints.append(f"{response.status}: {response.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left takes what it still loads with it, and a download is no page.
        if request.failure != "net::ERR_ABORTED":
            self._complaints.append(f"{request.failure}: {request.url}")
