"""Role by route: every address of every service, as the applications are built, is really opened in every role.

An address that no guard stands before must stand here, among those for everybody or those for who holds a link; or the test
fails. So a new address is never open by mistake.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.embedded import Embedded
from tests.polling import until
from tests.staff_accounts import A_PAGE, COORDINATOR, FROM_OUR_PAGE, OPERATOR, account
from tests.staff_routes import FILES, Address, Services, all_services, status_of

LOGIN = {"/staff/login", "/staff/logout"}
PROBES = {"/livez", "/readyz"}
PUBLIC = {
    "intake": PROBES
    | LOGIN
    | {
        "/",
        "/en",
        "/en/",
        "/ansoegning",
        "/en/application",
        "/nyt-link",
        "/nyt-link/sendt",
        "/en/new-link",
        "/en/new-link/sent",
        "/ny-adresse",
        "/en/new-address",
    }
    | {"/persondata", "/tilgaengelighed", "/hvad-sker-der", "/api", "/was", "/robots.txt", "/.well-known/security.txt"}
    | {"/en/privacy", "/en/accessibility", "/en/what-happens", "/en/api"}
    | {"/api/openapi.json", "/api/v1/applications"},
    "scheduler": PROBES | LOGIN,
    "monitor": PROBES | LOGIN | {"/static/{name}"},
    "notifier": PROBES | LOGIN,
}
# With a signed link, or with the cookie that it, or a begun application, was exchanged for.
LINK = {
    "intake": {
        "/s/{token}",
        *("/api/v1/status/{token}" + act for act in ("", "/confirm", "/withdraw")),
        *("/status/{reference}" + act for act in ("", "/confirm", "/withdraw", "/language")),
        "/status/{reference}/meetings/{meeting_id}.ics",
        "/status/{reference}/address/{person_id}",
        *("/status/{reference}/dates" + more for more in ("", "/state", "/{meeting_id}")),
        "/svar/{token}",
        *("/svar/moede/{held_id}" + act for act in ("", "/ja", "/nej")),
        *("/ansoegning/{draft_id}" + page for page in ("/slet", "/kvittering", "/{name}")),
        *("/en/application/{draft_id}" + page for page in ("/delete", "/receipt", "/{name}")),
    },
    "scheduler": {
        "/forloeb/{token}",
        "/forloeb/plan/{course_id}",
        "/forloeb/plan/{course_id}/tailor",
        "/forloeb/plan/{course_id}/calendar",
        "/kalender/{file}",
    },
}
VALUES = {"{topic}": "forloeb.courses", "{partition}": "0", "{offset}": "0"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
async def services(stack: Embedded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """With a coordinator and an operator who are logged in."""
    async with all_services(stack.mongodb, tmp_path_factory.mktemp("routes")) as found:
        for name in (COORDINATOR, OPERATOR):
            await found.staff.entrance.sessions.open(account(name), token=name)
        yield found


def headers_of(role: str, services: Services) -> dict[str, str]:
    """As this role sends them, from a page of ours."""
    cookies = {"coordinator": COORDINATOR, "operator": OPERATOR, "forgotten": "of-yesterday"}
    if role == "program":
        return {"Authorization": f"Bearer {services.token}"}
    cookie = {"Cookie": f"forloeb_staff={cookies[role]}"} if role in cookies else {}
    return FROM_OUR_PAGE | cookie


async def opened(services: Services, address: Address, role: str, more: dict[str, str] | None = None) -> int:
    parts = [VALUES.get(part, "x" if "{" in part else part) for part in address.path.split("/")]
    headers = headers_of(role, services) | (more or {})
    return await status_of(services.apps[address.service], address.method, "/".join(parts), headers)


def of(services: Services, *audiences: str) -> list[Address]:
    found = [address for address in services.addresses() if address.audience in audiences]
    assert found
    return found


async def test_every_address_says_who_may_open_it(services: Services) -> None:
    """By the guard before it, or by its place in the lists above; and the lists name no address that there is not."""
    bare = {(one.service, one.path) for one in services.addresses() if one.audience is None}
    declared = {(service, path) for table in (PUBLIC, LINK) for service, paths in table.items() for path in paths}
    assert bare - declared == set(), "nobody has said who may open these"
    assert declared - bare == set(), "these are not there, or are guarded"


async def test_the_addresses_of_staff_open_to_their_role_alone(services: Services) -> None:
    """Strangers and forgotten sessions are told 401, the other role 403; programs with the staff token come in everywhere."""
    wrong = []
    for address in of(services, "coordinator", "operator", "program"):
        for role in ("stranger", "forgotten", "coordinator", "operator", "program"):
            status = await opened(services, address, role)
            if role in (address.audience, "program"):
                good = status not in (401, 403, 500)
            elif role in ("stranger", "forgotten") or address.audience == "program":
                good = status == 401
            else:
                good = status == 403
            if not good:
                wrong.append((address, role, status))
    assert wrong == []


async def test_people_are_led_to_the_log_in(services: Services) -> None:
    """From every page of staff; programs' addresses go on to say 401."""
    for address in of(services, "coordinator", "operator", "program"):
        for_programs = address.path.startswith(("/api/", "/metrics"))
        assert await opened(services, address, "stranger", A_PAGE) == (401 if for_programs else 303), address


async def test_no_change_by_staff_comes_from_a_foreign_page(services: Services) -> None:
    """Whatever her role."""
    changes = [address for address in of(services, "coordinator", "operator") if address.method in UNSAFE]
    assert len(changes) > 5
    for address in changes:
        status = await opened(services, address, str(address.audience), {"Sec-Fetch-Site": "cross-site"})
        assert status == 403, address


async def test_a_log_in_opens_nothing_of_what_is_behind_a_link(services: Services) -> None:
    """An applicant's page is hers: whoever has no link gets the same answer, logged in or not; and no public page asks for one."""
    for address in (one for one in services.addresses() if one.audience in (None, FILES)):
        roles = {"stranger", "coordinator", "program"}
        # Leaving would end the session that the others come with; applications may come with a token of their own, not with ours.
        roles -= {"/staff/logout": {"coordinator"}, "/api/v1/applications": {"program"}}.get(address.path, set())
        statuses = {await opened(services, address, role, FROM_OUR_PAGE) for role in roles}
        assert len(statuses) == 1, address
        (status,) = statuses
        assert status not in (401, 500), address
        if address.path in LINK.get(address.service, ()):
            assert status >= 400 or (address.method in UNSAFE and status == 303), (address, status)


async def test_a_live_page_that_stands_open_ends_with_the_session(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on while she is logged in, and no longer."""
    monkeypatch.setattr("services.monitor.api.STAFF_SECONDS_BETWEEN", 0.0)
    await services.staff.entrance.sessions.open(account(OPERATOR), token="leaving")
    transport = httpx2.ASGITransport(app=services.apps["monitor"])
    async with httpx2.AsyncClient(transport=transport, base_url="http://staff.example") as http:
        http.cookies.set("forloeb_staff", "leaving")
        stream = asyncio.create_task(http.get("/api/v1/stream"))
        await until(lambda: services.hub.watched, what="she watches")
        services.hub.tell("lag", "1")
        await services.staff.entrance.sessions.end("leaving")
        services.hub.tell("lag", "2")
        told = await asyncio.wait_for(stream, 10)
    assert (told.status_code, "data: 2" in told.text) == (200, False)
    assert not services.hub.watched
