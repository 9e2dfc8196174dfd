"""The log-in on a real database, as two processes that share it, with its pages in both languages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends

from services.intake.settings import IntakeSettings
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.programme import load_programme
from shared.settings import SettingsError, load
from shared.staff import store, throttle
from shared.staff.accounts_file import change_file
from shared.staff.error_answers import install_error_pages
from shared.staff.pages import staff_pages
from shared.staff.staff import Staff
from shared.staff.wiring import build_staff
from shared.web.site import Site
from shared.web.texts import load_texts
from tests.embedded import Embedded
from tests.intake_house import settings_for
from tests.staff_accounts import A_PAGE, COORDINATOR, FROM_OUR_PAGE, OPERATOR, account, log_in, write_staff_file
from tests.staff_stores import Clock

LATER = datetime(2100, 1, 4, 9, 0, tzinfo=UTC)
"""Beyond the server's own clock, or it would clear the sessions away as over."""
HTTP, HTTPS = "http://staff.example", "https://staff.example"
WRONG = {"da": "Kontoen og adgangskoden passer ikke sammen", "en": "The account and the password do not go together"}


@dataclass
class Doors:
    """Two processes of services with pages for staff; `first` and `second` are browsers without cookies yet."""

    first: httpx2.AsyncClient
    second: httpx2.AsyncClient
    client: mongo.Client
    clock: Clock
    file: Path
    token: str

    async def sessions(self) -> list[dict[str, Any]]:
        return await self.client["staff"]["sessions"].find().to_list(100)


def _service(settings: IntakeSettings, client: mongo.Client, clock: Clock, folder: Path) -> Any:
    staff = build_staff(settings, client=client, public_url=settings.public_url, clock=clock)
    programme = load_programme(settings.programme)
    app = create_app(title="x", health=Health(), staff_token=settings.staff_token)
    site = Site(programme=programme, texts=load_texts(folder), home=folder)
    install_error_pages(app, site=site)
    staff_pages(app, entrance=staff.entrance, site=site, home="/review")

    @app.get("/review")
    async def review(staff: Annotated[Staff, Depends(staff.access.coordinator)]) -> str:
        return staff.account

    return app


@asynccontextmanager
async def two_services(mongodb: str, folder: Path, *, public_url: str = HTTP) -> AsyncIterator[Doors]:
    file = write_staff_file(folder / "accounts")
    environment = settings_for(mongodb=mongodb, FORLOEB_STAFF_FILE=str(file), FORLOEB_PUBLIC_URL=public_url)
    settings = load(IntakeSettings, environment)
    client, clock = mongo.connect(mongodb, app_name="test-staff"), Clock(LATER)
    browsers = [
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=_service(settings, client, clock, folder), client=("192.0.2.7", 50_000)),
            base_url=public_url,
        )
        for _ in range(2)
    ]
    async with browsers[0] as first, browsers[1] as second:
        yield Doors(first, second, client, clock, file, settings.staff_token.get_secret_value())
    client.close()


@pytest.fixture
async def doors(stack: Embedded, tmp_path: Path) -> AsyncIterator[Doors]:
    async with two_services(stack.mongodb, tmp_path) as found:
        for name in ("sessions", "attempts"):
            await found.client["staff"][name].delete_many({})
        yield found


async def test_one_log_in_opens_all_services_and_one_log_out_closes_them(doors: Doors) -> None:
    """The sessions lie in the database, under the digest of what the browser holds."""
    entered = await log_in(doors.first, COORDINATOR)
    assert (entered.status_code, entered.headers["location"]) == (303, "/review")
    token = doors.first.cookies["forloeb_staff"]
    assert len(token) >= 43
    (row,) = await doors.sessions()
    assert token not in str(row)
    assert set(row) == {"_id", "account", "fingerprint", "opened_at", "seen_at", "expires_at"}
    doors.second.cookies.set("forloeb_staff", token)
    assert (await doors.second.get("/review")).json() == COORDINATOR
    left = await doors.second.post("/staff/logout", headers=FROM_OUR_PAGE)
    assert (left.status_code, left.headers["location"]) == (303, "/staff/login?left")
    assert 'forloeb_staff=""' in left.headers["set-cookie"]
    assert await doors.sessions() == []
    assert (await doors.first.get("/review")).status_code == 401


async def test_who_is_in_use_stays_in_and_who_is_away_is_out(doors: Doors) -> None:
    """That she was there is written down for all services."""
    await log_in(doors.first, COORDINATOR)
    doors.second.cookies.set("forloeb_staff", doors.first.cookies["forloeb_staff"])
    for browser in (doors.first, doors.second, doors.first):
        doors.clock.on(minutes=20)
        assert (await browser.get("/review")).status_code == 200
    doors.clock.on(minutes=30)
    assert (await doors.second.get("/review", headers=A_PAGE)).headers["location"] == "/staff/login?next=/review"


async def test_the_cookie_is_for_us_alone(doors: Doors, stack: Embedded, tmp_path: Path) -> None:
    """For no script, for no foreign page, and over https under a name that only https can set."""
    plain = (await log_in(doors.first, COORDINATOR)).headers["set-cookie"].lower()
    assert plain.endswith("httponly; path=/; samesite=lax")
    async with two_services(stack.mongodb, tmp_path, public_url=HTTPS) as safe:
        told = (await log_in(safe.first, COORDINATOR)).headers["set-cookie"]
        assert told.startswith("__Host-forloeb_staff=")
        assert told.endswith("HttpOnly; Path=/; SameSite=lax; Secure")
        assert (await safe.first.get("/review")).status_code == 200


async def test_another_role_gets_a_page_that_says_so(doors: Doors) -> None:
    """With the way out, for who has another account."""
    await log_in(doors.first, OPERATOR)
    told = await doors.first.get("/review", headers=A_PAGE | {"Accept-Language": "da"})
    assert (told.status_code, "Din konto giver ikke adgang til siden" in told.text) == (403, True)
    assert 'action="/staff/logout"' in told.text
    assert OPERATOR in told.text


@pytest.mark.parametrize("language", ["da", "en"])
async def test_a_wrong_password_is_told_in_ones_own_language(doors: Doors, language: str) -> None:
    """With the same words for an account that there is not; nothing typed is repeated."""
    typed = {"language": language, "next": "/review?which=waiting"}
    page = await doors.first.get("/staff/login", params=typed)
    assert f'<html lang="{language}">' in page.text
    assert page.text.count('value="/review?which=waiting"') == 1
    answers = [
        await log_in(doors.first, name, password="kanariekode", **typed) for name in (COORDINATOR, "kanariefugl")
    ]
    assert {one.status_code for one in answers} == {422}
    assert answers[0].text == answers[1].text
    assert WRONG[language] in answers[0].text
    assert "kanarie" not in answers[0].text
    assert (await log_in(doors.first, COORDINATOR, **typed)).headers["location"] == "/review?which=waiting"


async def test_guesses_are_counted_over_all_processes(doors: Doors) -> None:
    """And the log-in leads nowhere but to our own pages."""
    for number in range(throttle.PAIR_MAX):
        browser = (doors.first, doors.second)[number % 2]
        assert (await log_in(browser, COORDINATOR, password="wrong")).status_code == 422
    refused = await log_in(doors.first, COORDINATOR)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
    other = await log_in(doors.second, OPERATOR, next="//evil.example/review")
    assert other.headers["location"] == "/review"


async def test_a_form_of_somebody_elses_page_changes_nothing(doors: Doors) -> None:
    """Neither in nor out; nor does anything that is no form of ours."""
    foreign = {"Sec-Fetch-Site": "cross-site"}
    right = {"account": COORDINATOR, "password": "fire ord om blomster"}
    assert (await doors.first.post("/staff/login", data=right, headers=foreign)).status_code == 403
    assert (await doors.first.post("/staff/login", json=right, headers=FROM_OUR_PAGE)).status_code == 415
    assert (await doors.first.post("/staff/login", headers=FROM_OUR_PAGE)).status_code == 415
    await log_in(doors.first, COORDINATOR)
    assert (await doors.first.post("/staff/logout", headers=foreign)).status_code == 403
    assert (await doors.first.get("/staff/logout")).status_code == 405
    assert (await doors.first.get("/review")).status_code == 200


async def test_while_the_database_is_away_programs_go_on(
    stack: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People get a page that asks them to come again, and their log-in is not taken for ended."""
    del stack
    monkeypatch.setattr("shared.mongo.OPERATION_TIMEOUT_MS", 300)
    async with two_services("mongodb://127.0.0.1:9/?directConnection=true", tmp_path) as doors:
        doors.first.cookies.set("forloeb_staff", "x" * 43)
        answers = await asyncio.gather(
            doors.first.get("/review", headers=A_PAGE),
            log_in(doors.first, COORDINATOR),
            doors.first.post("/staff/logout", headers=FROM_OUR_PAGE),
        )
        for answer in answers:
            assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (503, True)
            assert answer.headers["retry-after"]
            assert "set-cookie" not in answer.headers
        assert (await doors.first.get("/staff/login")).status_code == 200
        program = {"Authorization": f"Bearer {doors.token}"}
        assert (await doors.first.get("/review", headers=program)).json() == "program"


async def test_what_is_over_goes_away_by_itself(doors: Doors) -> None:
    """The server is told to remove what has expired."""
    await store.create_indexes(doors.client)
    for name in ("sessions", "attempts"):
        found = (await doors.client["staff"][name].index_information())["expiry"]
        assert (found["key"], found["expireAfterSeconds"]) == ([("expires_at", 1)], 0)


async def test_counting_at_once_loses_nothing(doors: Doors) -> None:
    """Many attempts in the same instant, through several connections."""
    attempts = store.AttemptStore(doors.client)
    counts = await asyncio.gather(*(attempts.count("k", expires_at=doors.clock()) for _ in range(20)))
    assert sorted(counts) == list(range(1, 21))


async def test_a_service_does_not_start_with_accounts_of_a_demo(doors: Doors) -> None:
    """Nor with a file that is none of accounts."""
    environment = settings_for(mongodb="mongodb://127.0.0.1:9", FORLOEB_STAFF_FILE=str(doors.file))
    change_file(doors.file, lambda accounts: accounts.update({OPERATOR: account(OPERATOR, demo=True)}))
    for text in (None, "{"):
        if text:
            doors.file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"FORLOEB_STAFF_FILE: .*(demo|line 1)"):
            build_staff(load(IntakeSettings, environment), client=doors.client, public_url=HTTP, clock=doors.clock)
