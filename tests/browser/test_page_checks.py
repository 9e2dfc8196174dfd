"""The checks of the other tests find what they are for."""

import pytest
from playwright.async_api import Browser

from tests.intake_house import House
from tests.page_checks import NARROW_PX, Watch, sideways, violations

SPOILT = """() => {
  const image = document.createElement("img");
  image.src = "https://elsewhere.example/x.png";
  const wide = document.createElement("p");
  wide.style.minWidth = "600px";
  wide.textContent = "wide";
  document.querySelector("main").append(image, wide);
  const script = document.createElement("script");
  script.src = "/static/none.js";
  document.head.append(script);
  setTimeout(() => { throw new Error("a slip"); });
}"""


@pytest.mark.needs("node")
async def test_a_page_with_faults_is_found_out(chromium: Browser, intake: House) -> None:
    """A picture without a text from a foreign host, a script that is not there and one that fails, something too wide."""
    origin = intake.settings.public_url
    context = await chromium.new_context(viewport={"width": NARROW_PX, "height": 800})
    watch = Watch(context, origin)
    page = await context.new_page()
    await page.goto(origin)
    assert (await violations(page), await sideways(page), watch.complaints()) == ([], [], [])
    async with page.expect_event("requestfailed"), page.expect_event("pageerror"), page.expect_event("response"):
        await page.evaluate(SPOILT)
    assert [found.partition(":")[0] for found in await violations(page)] == ["image-alt"]
    assert any(found.startswith("P.") for found in await sideways(page))
    told = "\n".join(watch.complaints())
    for word in ("elsewhere.example", "Content Security Policy", "/static/none.js", "a slip"):
        assert word in told
    await context.close()
