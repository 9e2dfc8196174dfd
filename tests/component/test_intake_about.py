"""The pages around the form, in both languages and for more than one programme; no database is needed to read them."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from itertools import pairwise

import httpx2
import pytest

from services.intake.about.api_fields import field_rows
from services.intake.about.places import ACCESSIBILITY, API, PLACES, PRIVACY, WHAT_HAPPENS, Place
from services.intake.about.plain_files import INDEXED
from services.intake.api import APPLY_PROBLEMS
from services.intake.application import ApplicationForm
from services.intake.main import build_app, build_parts
from services.intake.settings import IntakeSettings
from shared import mongo
from shared.health import Health
from shared.http_edge import SECURITY_HEADERS
from shared.programme import Programme, parse_programme
from shared.settings import load
from shared.words import Language
from tests.factories import SPARK_FILE, spark
from tests.intake_house import Clock, settings_for

pytestmark = pytest.mark.anyio
NO_DATABASE = "mongodb://127.0.0.1:1"
BOTH: tuple[Language, ...] = ("da", "en")


@asynccontextmanager
async def pages(programme: Programme | None = None, **changes: str) -> AsyncIterator[httpx2.AsyncClient]:
    settings = load(IntakeSettings, settings_for(mongodb=NO_DATABASE, **changes))
    client = mongo.connect(NO_DATABASE, app_name="test-about")
    parts = build_parts(settings, programme or spark(), client=client, wake=lambda _: None, clock=Clock())
    transport = httpx2.ASGITransport(
        app=build_app(parts, settings=settings, health=Health()), raise_app_exceptions=False
    )
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake.example") as http:
        yield http
    client.close()


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


async def read(http: httpx2.AsyncClient, path: str) -> Page:
    answer = await http.get(path)
    assert answer.status_code == 200, path
    return Page(answer.text)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.da)
async def test_each_page_is_whole_and_leads_to_itself_in_the_other_language(place: Place, language: Language) -> None:
    """One heading of the first level, none left out below it, nothing untranslated, and no style or script within it."""
    async with pages() as http:
        page = await read(http, place.path(language))
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert next(page.all("html"))["lang"] == language
        assert place.other(language) in [link["href"] for link in page.all("a") if link.get("hreflang")]
        assert not re.search(r"%\(|\{\{|\{%", page.text)
        assert not [tag for tag, attributes in page.tags if tag == "style" or "style" in attributes]
        assert not [attributes for attributes in page.all("script") if "src" not in attributes]
        assert not any("noindex" in str(meta.get("content")) for meta in page.all("meta"))
        footers = {link["href"] for link in page.all("a")}
        assert {one.path(language) for one in PLACES} <= footers


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.da)
async def test_nothing_is_fetched_from_a_foreign_host(place: Place) -> None:
    """Links may lead elsewhere; style sheets, scripts and pictures may not."""
    async with pages() as http:
        page = await read(http, place.da)
        fetched = [tag["href"] for tag in page.all("link")] + [tag.get("src") for tag in page.all("script")]
        fetched += [tag.get("src") for tag in page.all("img")]
        assert fetched
        assert all(address and address.startswith("/") and not address.startswith("//") for address in fetched)


def other_programme() -> Programme:
    text = SPARK_FILE.read_text(encoding="utf-8")
    for old, new in {
        'da = "Eksempelorganisationen"': 'da = "Fonden <b>Havblik</b>"',
        'email = "dpo@forloeb.example"': 'email = "raad@havblik.example"',
        'phone = "00 00 00 02"': 'phone = "+45 00 00 00 09"',
        "unconfirmed_days = 30": "unconfirmed_days = 41",
        "completed_days = 365": "completed_days = 377",
        'admission = "immediate"': 'admission = "review"',
        "weeks = [28, 29, 30, 31]": "weeks = []",
        "answer_within_working_days = 5": "answer_within_working_days = 1",
        '# statement_url = "https://was.digst.dk/…"': 'statement_url = "https://was.digst.dk/havblik-example"',
    }.items():
        assert old in text
        text = text.replace(old, new, 1)
    return parse_programme(text, source="other.toml")


async def test_who_is_responsible_and_for_how_long_comes_from_the_programme() -> None:
    """Another organisation's page shows its own name, people and periods, and nothing of the example's."""
    async with pages(other_programme()) as http:
        html = (await http.get(PRIVACY.da)).text
        page = Page(html)
        assert "Fonden <b>Havblik</b>" in page.text
        assert "<b>" not in html
        for fact in ("raad@havblik.example", "41 dage", "377 dage", "183 dage", "datatilsynet.dk", "Eksempel Mail A/S"):
            assert fact in page.text
        assert "dpo@forloeb.example" not in html
        assert "Eksempelorganisationen er dataansvarlig" not in html


async def test_both_kinds_of_people_are_told_where_their_data_comes_from() -> None:
    """Who applied (GDPR art. 13), and whose details a colleague typed (art. 14)."""
    async with pages() as http:
        page = await read(http, PRIVACY.en)
        assert {"applicants", "colleagues"} <= {str(attributes.get("id")) for attributes in page.all("h2")}
        assert "from the colleague who filled in the application" in page.text


async def test_the_steps_follow_the_programme() -> None:
    """An assessment is promised only where there is one, and dates only where none is."""
    async with pages() as http:
        text = (await read(http, WHAT_HAPPENS.en)).text
        assert "Within 5 working days you have either the dates" in text
        assert "We assess the application" not in text
        assert "weeks 28, 29, 30, 31" in text
        assert "Second meeting, 3 hours, at your workplace, 4 to 8 weeks after the meeting before" in text
        assert "Follow-up, 1 hour, online" in text
    async with pages(other_programme()) as http:
        text = (await read(http, WHAT_HAPPENS.en)).text
        assert "You hear from us within 1 working day." in text
        assert "you have either the dates" not in text
        assert "nor in weeks" not in text


async def test_every_way_to_hold_a_course_is_told_with_its_hosts_and_what_to_prepare() -> None:
    """A whole day beside two meetings, what to do at home before the first one, and the workplace of each workshop."""
    async with pages() as http:
        text = " ".join(Page((await http.get(WHAT_HAPPENS.da)).text).text.split())
    assert "Når I søger, vælger I, hvordan I helst vil mødes." in text
    assert text.index("To møder på hver tre timer") < text.index("Én hel dag") < text.index("Heldagsmøde, 6 timer")
    homework = spark().plans["single"].meetings[0].preparation
    assert homework is not None
    assert text.count(f"Før mødet: {homework.da}") == len(spark().plans["single"].formats)
    assert "Første workshop, 4 timer, på arbejdsplads 1" in text
    assert "Anden workshop, 4 timer, på arbejdsplads 2" in text


async def test_the_accessibility_statement_names_the_official_one_only_where_there_is_one() -> None:
    """With its own ways to be reached: in writing and by phone."""
    async with pages() as http:
        page = await read(http, ACCESSIBILITY.da)
        assert "digst.dk" not in page.text
        assert "22. november 2026" in page.text
        assert {"mailto:tilgaengelighed@forloeb.example", "tel:00000002"} <= {str(a["href"]) for a in page.all("a")}
    async with pages(other_programme()) as http:
        page = await read(http, ACCESSIBILITY.da)
        assert "https://was.digst.dk/havblik-example" in {a["href"] for a in page.all("a")}
        assert "tel:+4500000009" in {a["href"] for a in page.all("a")}


async def test_the_usual_short_address_leads_to_the_statement() -> None:
    """The official one, or else our own page."""
    async with pages() as http:
        assert (await http.get("/was")).headers["location"] == ACCESSIBILITY.da
    async with pages(other_programme()) as http:
        assert (await http.get("/was")).headers["location"] == "https://was.digst.dk/havblik-example"


async def test_the_page_for_programs_tells_every_field_error_and_limit() -> None:
    """From the model and the settings themselves, so it cannot fall behind."""
    limit = {"FORLOEB_INTAKE_CLIENT_LIMIT": "7/20 minutes", "FORLOEB_PUBLIC_URL": "https://soeg.example"}
    async with pages(**limit) as http:
        answer = await http.get(API.en)
        page = Page(answer.text)
        assert "At most 7 applications in 20 minutes" in page.text
        assert "POST https://soeg.example/api/v1/applications" in page.text
        assert set(re.findall(r'<th scope="row">(\d{3})</th>', answer.text)) == set(map(str, APPLY_PROBLEMS))
        rows = field_rows(ApplicationForm.model_json_schema())
        assert {f"<code>{row.path}</code>" for row in rows} <= set(re.findall(r"<code>[^<]+</code>", answer.text))


def test_the_fields_are_read_from_the_models_schema() -> None:
    """Groups, lists, choices, limits and what may be left out."""
    rows = {row.path: row for row in field_rows(ApplicationForm.model_json_schema())}
    assert rows["kind"].kind == "single | joint"
    assert (rows["workplaces[]"].kind, rows["workplaces[]"].limits) == ("list of group", "at least 1, at most 40")
    assert rows["workplaces[].town"].required
    assert (rows["employees"].kind, rows["employees"].limits) == ("number", "from 1, to 50000")
    assert (rows["committees_expected"].kind, rows["committees_expected"].required) == ("number", False)
    assert rows["contacts.leader.email"].description == "The person's own work address."
    assert rows["wishes.preferred_hours.from_time"].required
    assert not rows["wishes"].required


async def test_only_the_front_page_and_these_pages_may_be_indexed() -> None:
    """Everything else is refused, and says so itself: a status page is nobody's search result."""
    async with pages() as http:
        lines = (await http.get("/robots.txt")).text.splitlines()
        assert lines[-1] == "Disallow: /"
        assert [line for line in lines if line.startswith("Allow: ") and line.endswith("$")] == [
            f"Allow: {path}" for path in INDEXED
        ]
        assert 'name="robots" content="noindex"' in (await http.get("/nowhere")).text


async def test_a_hole_can_be_reported_at_the_usual_place() -> None:
    """RFC 9116: a contact, and an end that lies ahead."""
    async with pages(FORLOEB_PUBLIC_URL="https://soeg.example") as http:
        fields = dict(line.split(": ", 1) for line in (await http.get("/.well-known/security.txt")).text.splitlines())
        assert fields["Contact"] == "mailto:kontakt@forloeb.example"
        assert fields["Canonical"] == "https://soeg.example/.well-known/security.txt"
        assert fields["Expires"] > Clock()().isoformat()


@pytest.mark.parametrize("path", [PRIVACY.da, API.en, "/robots.txt", "/.well-known/security.txt"])
async def test_head_answers_like_get_without_a_body(path: str) -> None:
    """As checkers of links ask."""
    async with pages() as http:
        answer = await http.head(path)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
        assert (await http.post(path)).status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/kanariefugl?kanariefugl=1", {}, 404),
        ("GET", "/en/kanariefugl", {"Cookie": "kanariefugl=kanariefugl"}, 404),
        ("GET", "/s/kanariefugl", {}, 404),
        ("DELETE", PRIVACY.da, {}, 405),
        ("POST", PRIVACY.da, {"Content-Length": "99999999", "X-Kanariefugl": "kanariefugl"}, 413),
        ("GET", "/kanariefugl", {"Host": "kanariefugl]["}, 404),
        ("GET", "/%5Bkanariefugl%00%0d%0a<script>", {"Accept-Language": "en, kanariefugl"}, 404),
    ],
)
async def test_errors_are_pages_for_people_and_repeat_nothing(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """In the reader's language, with the headers of every page; also where no route was reached."""
    async with pages() as http:
        answer = await http.request(method, path, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "kanariefugl" not in answer.text + str(answer.headers)
        assert next(Page(answer.text).all("html"))["lang"] == (
            "en" if "/en/" in path or "Accept-Language" in headers else "da"
        )
        for name, value in SECURITY_HEADERS:
            assert answer.headers[name.decode()] == value.decode()


async def test_a_bug_is_a_page_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text goes nowhere; programs get a problem document."""

    def fails(_: object) -> None:
        raise ValueError("kanariefugl")

    monkeypatch.setattr("services.intake.about.routes.robots_txt", lambda: fails(None))
    monkeypatch.setattr("services.intake.openapi.describe", fails)
    async with pages() as http:
        for path, kind in (("/robots.txt", "text/html"), ("/api/openapi.json", "application/problem+json")):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (500, kind)
            assert answer.headers["content-security-policy"]
            assert "kanariefugl" not in answer.text
