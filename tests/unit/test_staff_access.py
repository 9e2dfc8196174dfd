"""Who is let in to the addresses of staff, and what is told to whoever is not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import httpx2
import pytest
import structlog
from fastapi import Depends
from pydantic import SecretStr
from structlog.testing import capture_logs

from shared.errors import DependencyDownError
from shared.health import Health
from shared.http import create_app
from shared.staff.access import Session, StaffAccess
from shared.staff.audit import audit
from shared.staff.refusals import NEXT_CHARACTERS_MAX, local_path
from shared.staff.sessions import OpenSession
from shared.staff.staff import Staff
from tests.staff_accounts import A_PAGE, COORDINATOR, FROM_OUR_PAGE

TOKEN = "x" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}
COOKIE = {"Cookie": "forloeb_staff=hers"}
pytestmark = pytest.mark.anyio


@dataclass
class Finder:
    """Knows one coordinator, by the cookie "hers"."""

    away: bool = False
    present: list[bool] = field(default_factory=list)

    async def __call__(self, token: str, *, present: bool) -> Session | None:
        if self.away:
            raise DependencyDownError("database")
        self.present.append(present)
        return OpenSession(account=COORDINATOR, roles=frozenset({"coordinator"})) if token == "hers" else None


@pytest.fixture
def finder() -> Finder:
    return Finder()


@pytest.fixture
async def http(finder: Finder) -> AsyncIterator[httpx2.AsyncClient]:
    token = SecretStr(TOKEN)
    access = StaffAccess(staff_token=token, public_url="http://staff.example", find_session=finder)
    app = create_app(title="x", health=Health(), staff_token=token)

    @app.api_route("/coordinator/courses", methods=["GET", "POST"])
    @app.get("/api/v1/courses")
    async def courses(staff: Annotated[Staff, Depends(access.coordinator)]) -> str:
        return f"{staff.account} {staff.role}"

    @app.get("/live", dependencies=[Depends(access.operator)])
    async def live() -> None:
        return None

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://staff.example") as client:
        yield client


async def test_a_program_has_every_role(http: httpx2.AsyncClient) -> None:
    """The staff token goes before any cookie, needs no origin, and needs no database."""
    assert (await http.get("/api/v1/courses", headers=BEARER)).json() == "program program"
    assert (await http.post("/coordinator/courses", headers=BEARER | COOKIE)).status_code == 200
    assert (await http.get("/live", headers=BEARER)).status_code == 200


async def test_a_wrong_token_is_not_overlooked(http: httpx2.AsyncClient) -> None:
    """Even where a good cookie comes with it."""
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", "bearer æ"):
        got = await http.get("/api/v1/courses", headers=COOKIE | {"Authorization": wrong.encode()})
        assert (got.status_code, got.headers["www-authenticate"]) == (401, "Bearer")


async def test_people_come_in_by_their_session_in_their_role(http: httpx2.AsyncClient) -> None:
    """Another role is another door."""
    assert (await http.get("/coordinator/courses", headers=COOKIE)).json() == f"{COORDINATOR} coordinator"
    assert (await http.get("/live", headers=COOKIE)).status_code == 403
    assert (await http.get("/live", headers=COOKIE | A_PAGE)).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "leads_to"),
    [
        ("GET", "/coordinator/courses?which=waiting&page=2", "?next=/coordinator/courses%3Fwhich%3Dwaiting%26page%3D2"),
        ("GET", "/live", "?next=/live"),
        ("POST", "/coordinator/courses", ""),
        ("GET", f"/live?{'x' * NEXT_CHARACTERS_MAX}", ""),
    ],
)
async def test_people_are_led_to_the_log_in_and_back(
    http: httpx2.AsyncClient, method: str, path: str, leads_to: str
) -> None:
    """A form that was sent cannot be sent again by a link, so it leads to the beginning."""
    got = await http.request(method, path, headers=A_PAGE)
    assert (got.status_code, got.headers["location"]) == (303, f"/staff/login{leads_to}")


async def test_programs_and_scripts_are_told_401(http: httpx2.AsyncClient) -> None:
    """A redirect to a page would only confuse them."""
    assert (await http.get("/live")).status_code == 401
    assert (await http.get("/api/v1/courses", headers=A_PAGE)).status_code == 401
    assert (await http.get("/metrics", headers=A_PAGE | COOKIE)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[staff.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://staff.example.evil.example"}, 403),
        ({"Origin": "http://staff.example:8080"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://staff.example"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://staff.example"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        (FROM_OUR_PAGE | {"Origin": "null"}, 200),
    ],
)
async def test_a_change_must_come_from_our_own_page(
    http: httpx2.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """A cookie goes along with forms of other people's pages, too, in old browsers; the browser says where they stand."""
    assert (await http.post("/coordinator/courses", headers=COOKIE | headers)).status_code == status


async def test_without_the_database_people_are_asked_to_come_again(http: httpx2.AsyncClient, finder: Finder) -> None:
    """Nobody is let in unseen, and nobody is told that she is logged out; programs go on."""
    finder.away = True
    got = await http.get("/coordinator/courses", headers=COOKIE)
    assert (got.status_code, got.headers["retry-after"]) == (503, "30")
    assert (await http.get("/api/v1/courses", headers=BEARER)).status_code == 200


async def test_what_scripts_fetch_does_not_count_as_being_there(http: httpx2.AsyncClient, finder: Finder) -> None:
    """Or a page left open would keep its session for ever."""
    for mode in ("navigate", "cors", "same-origin"):
        await http.get("/api/v1/courses", headers=COOKIE | {"Sec-Fetch-Mode": mode})
    assert finder.present == [True, False, False]


@pytest.mark.parametrize("wanted", ["/", "/coordinator/courses/SPARK-1?x=%C3%A6#y", "/a" * 200])
def test_an_address_of_our_own_is_one_to_go_on_to(wanted: str) -> None:
    """As it stands."""
    assert local_path(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "courses",
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/x\\..\\evil",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/æ",
        "/ x",
        "/" + "x" * NEXT_CHARACTERS_MAX,
    ],
)
def test_any_other_address_is_none(wanted: str) -> None:
    """A log-in that leads elsewhere would lend our name to a trap."""
    assert local_path(wanted) is None


def test_an_act_is_logged_and_told_by_ids() -> None:
    """One line, and one event for the write that it belongs to; no reason in either."""
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    staff = Staff(account=COORDINATOR, role="coordinator")
    with capture_logs() as logs, pytest.MonkeyPatch.context() as patched:
        patched.setattr("shared.staff.audit.log", structlog.get_logger())
        event = audit(staff=staff, service="scheduler", act="course.moved", aggregate_id="a-1", now=now)
    assert [(row["event"], row["account"], row["act"], row["aggregate_id"]) for row in logs] == [
        ("staff-acted", COORDINATOR, "course.moved", "a-1")
    ]
    assert event.staff_act.model_dump() == {
        "account": COORDINATOR,
        "role": "coordinator",
        "service": "scheduler",
        "act": "course.moved",
        "aggregate_id": "a-1",
        "acted_at": now,
    }
