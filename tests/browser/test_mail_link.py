"""The link in a mail, opened by a program that looks for viruses before the person does."""

import httpx2
from playwright.async_api import expect

from tests.browsing import applied
from tests.intake_house import House
from tests.page_checks import Opener


async def test_a_link_scanner_changes_nothing_and_uses_nothing_up(visit: Opener, intake: House) -> None:
    """It asks with HEAD and GET, follows every link it finds; the person can still confirm afterwards."""
    mine = await applied(intake)
    before = await intake.stored(mine.id)
    async with httpx2.AsyncClient(base_url=intake.settings.public_url, follow_redirects=True) as scanner:
        for path in (f"/s/{mine.token}", mine.page, f"{mine.page}/withdraw", f"{mine.page}/confirm"):
            for method in ("HEAD", "GET"):
                answer = await scanner.request(method, path)
                assert answer.status_code in (200, 404, 405)
    assert await intake.stored(mine.id) == before
    page = await visit(f"/s/{mine.token}")
    assert page.url == f"{intake.settings.public_url}{mine.page}", "the address in the browser holds no secret"
    await page.locator('form[action$="/confirm"] button').click()
    await expect(page.locator("dd", has_text="Imødekommet")).to_be_visible()
    assert (await intake.stored(mine.id))["application"]["state"] == "admitted"
