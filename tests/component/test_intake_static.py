"""Style sheets, fonts and icons: from our own address, kept by browsers, compressed; pages for people where there is nothing."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.embedded import Embedded
from tests.intake_house import House, house, settings_for


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def test_all_that_a_page_asks_for_is_ours_and_is_there(intake: House) -> None:
    """No request to a foreign host; every address answers and is kept for a year, since it changes with its content."""
    page = (await intake.http.get("/no-such-page")).text
    addresses = re.findall(r'<link [^>]*href="([^"]*)"', page)
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith("/")
        answer = await intake.http.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_style_sheets_own_files_are_there(intake: House) -> None:
    """The fonts that browsers of today take, and the icons."""
    page = (await intake.http.get("/no-such-page")).text
    sheet = next(address for address in re.findall(r'href="([^"]*)"', page) if address.endswith("dkfds.min.css"))
    folder = sheet.removesuffix("css/dkfds.min.css")
    css = (await intake.http.get(sheet)).text
    wanted = set(
        re.findall(r"url\(\.\./((?:fonts/[^)]*?-(?:Regular|SemiBold)\.woff2)|(?:img/svg-icons/[a-z-]+\.svg))\)", css)
    )
    assert len(wanted) > 50
    for path in sorted(wanted)[:5] + [path for path in wanted if path.startswith("fonts/")]:
        assert (await intake.http.get(folder + path)).status_code == 200


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [("/ingenting", "da", "Siden findes ikke"), ("/en/nothing", "en", "There is no such page")],
)
async def test_where_there_is_nothing_people_get_a_page(intake: House, path: str, language: str, words: str) -> None:
    """In the language of the address; programs get a problem document."""
    answer = await intake.http.get(path, headers={"Accept-Language": "da"})
    assert answer.status_code == 404
    assert f'<html lang="{language}">' in answer.text
    assert words in answer.text
    assert path.rpartition("/")[2] not in answer.text
    assert (await intake.http.get(f"/api{path}")).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accepted", "compressed"), [("gzip, br", True), ("gzip;q=0.5", True), ("gzip;q=0", False), ("", False)]
)
async def test_pages_are_compressed_for_whoever_takes_it(intake: House, accepted: str, *, compressed: bool) -> None:
    """And for nobody else."""
    answer = await intake.http.get("/", headers={"Accept-Encoding": accepted})
    assert (answer.headers.get("content-encoding") == "gzip") is compressed
    assert "<h1>" in answer.text
