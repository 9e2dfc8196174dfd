import asyncio
import json
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, SecretStr

from shared import http_edge as module
from shared import trace
from shared.errors import DependencyDownError
from shared.health import Health
from shared.http import create_app

pytestmark = pytest.mark.anyio
TOKEN = "uH6yN1oWk3zQ8xCjB5tMvE9pLgD2fSrA"
CANARY = "kanariefugl@kommune.example"
LIMIT = 1_000


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    age: int


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def application(health: Health | None = None) -> FastAPI:
    app = create_app(title="x", health=health or Health(), staff_token=SecretStr(TOKEN), body_bytes_max=LIMIT)

    @app.post("/forms")
    async def forms(form: Form, number: Annotated[int, Query()] = 1, x_code: Annotated[int, Header()] = 1) -> str:
        return f"{form.age + number + x_code}"

    @app.get("/down")
    async def down() -> str:
        raise DependencyDownError("database: " + CANARY)

    @app.get("/bug")
    async def bug() -> str:
        raise ValueError(CANARY)

    @app.get("/conflict")
    async def conflict() -> str:
        raise HTTPException(409, "It was withdrawn", headers={"Retry-After": "1"})

    @app.get("/trace")
    async def traced() -> str:
        return trace.current()

    return app


async def ask(
    app: FastAPI,
    method: str,
    path: str,
    *,
    body: Sequence[bytes] = (b"",),
    headers: dict[str, str] | None = None,
    hang_up: bool = False,
    sent: list[MutableMapping[str, Any]] | None = None,
) -> Answer | None:
    """One request, its body in the given chunks; None where no answer came. With `hang_up` the caller leaves after the last."""
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": hang_up or number < len(body) - 1}
        for number, chunk in enumerate(body)
    ]
    sent = [] if sent is None else sent

    async def receive() -> MutableMapping[str, Any]:
        if messages:
            return messages.pop(0)
        if hang_up:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "state": {},
    }
    async with asyncio.timeout(5):
        await app(scope, receive, send)
    return answer_of(sent) if sent else None


def answer_of(sent: Sequence[MutableMapping[str, Any]]) -> Answer:
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


async def answer(app: FastAPI, method: str, path: str, **more: Any) -> Answer:
    got = await ask(app, method, path, **more)
    assert got is not None
    return got


JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers here send nothing more, and nobody needs to wait for that."""
    monkeypatch.setattr(module, "DISCARD_SECONDS_MAX", 0.01)


GOOD = b'{"name": "x", "age": 3}'


async def test_a_body_within_the_limit_arrives_whole() -> None:
    """In one piece or in many."""
    for chunks in ([GOOD], [GOOD[:5], GOOD[5:], b""], [bytes([byte]) for byte in GOOD]):
        got = await answer(application(), "POST", "/forms", body=chunks, headers=JSON)
        assert (got.status, got.body) == (200, b'"5"')


async def test_a_body_that_declares_too_much_is_refused_unread() -> None:
    """The length alone is enough; not one byte is waited for."""
    got = await answer(application(), "POST", "/forms", body=[], headers=JSON | {"content-length": str(LIMIT + 1)})
    assert got.status == 413
    assert got.headers["content-type"] == "application/problem+json"
    assert got.headers["connection"] == "close"


async def test_a_body_that_grows_too_large_in_chunks_is_refused_before_parsing() -> None:
    """Without a declared length the bytes are counted; the last chunk is never asked for."""
    endless = [b" " * 400] * 10
    got = await answer(application(), "POST", "/forms", body=endless, headers=JSON)
    assert got.status == 413


async def test_the_limit_itself_is_allowed() -> None:
    """One byte more is not."""
    for size, status in ((LIMIT, 200), (LIMIT + 1, 413)):
        body = GOOD + b" " * (size - len(GOOD))
        assert (await answer(application(), "POST", "/forms", body=[body], headers=JSON)).status == status


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "", " ", "0x10"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    """Whatever a proxy lets through."""
    got = asyncio.run(answer(application(), "POST", "/forms", body=[GOOD], headers=JSON | {"content-length": length}))
    assert got.status == 413


async def test_half_a_body_of_a_caller_who_hung_up_is_not_taken_for_a_whole_one() -> None:
    """What came may be valid JSON by chance; nobody reads an answer, so none is made."""
    assert await ask(application(), "POST", "/forms", body=[GOOD], headers=JSON, hang_up=True) is None


async def test_a_body_that_never_ends_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow caller does not keep a place for ever."""
    monkeypatch.setattr(module, "BODY_SECONDS_MAX", 0.05)
    got = await answer(application(), "POST", "/forms", body=[], headers=JSON)
    assert got.status == 408


@pytest.mark.parametrize(
    ("path", "body", "headers", "fields"),
    [
        ("/forms", {"name": 1, "age": CANARY}, {}, {"body.name", "body.age"}),
        ("/forms", {"name": "x", "age": 1, CANARY: CANARY}, {}, {"body"}),
        ("/forms", {"age": 1}, {}, {"body.name"}),
        (f"/forms?number={CANARY}", {"name": "x", "age": 1}, {}, {"query.number"}),
        ("/forms", {"name": "x", "age": 1}, {"x-code": CANARY}, {"header.x-code"}),
    ],
)
async def test_a_validation_problem_names_fields_and_codes_and_repeats_nothing(
    path: str, body: object, headers: dict[str, str], fields: set[str]
) -> None:
    """One entry per wrong field; not the text, not the context, not the input."""
    got = await answer(application(), "POST", path, body=[json.dumps(body).encode()], headers=JSON | headers)
    assert got.status == 422
    assert CANARY.encode() not in got.body
    assert b"kanariefugl" not in got.body
    problem = got.json()
    assert {row["field"] for row in problem["errors"]} == fields
    assert all(row.keys() == {"field", "code"} for row in problem["errors"])


async def test_malformed_json_is_a_problem_that_repeats_nothing() -> None:
    """The parser's message would quote the text."""
    got = await answer(application(), "POST", "/forms", body=[b'{"name": "kanariefugl', b'"x'], headers=JSON)
    assert got.status == 422
    assert b"kanariefugl" not in got.body


async def test_what_is_down_is_told_as_temporary() -> None:
    """With a hint when to try again, and without the name of what is down."""
    got = await answer(application(), "GET", "/down")
    assert (got.status, got.headers["retry-after"]) == (503, "30")
    assert b"kanariefugl" not in got.body
    assert b"database" not in got.body


async def test_a_bug_is_a_problem_without_text() -> None:
    """The error goes on to the server's log; the caller gets neither text nor traceback, but the security headers."""
    sent: list[MutableMapping[str, Any]] = []
    with pytest.raises(ValueError, match="kanariefugl"):
        await ask(application(), "GET", "/bug", sent=sent)
    got = answer_of(sent)
    assert (got.status, got.headers["content-type"]) == (500, "application/problem+json")
    assert b"kanariefugl" not in got.body
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_refusals_of_a_route_are_problems_with_their_headers() -> None:
    """Also those of the framework: unknown paths and methods."""
    got = await answer(application(), "GET", "/conflict")
    assert (got.status, got.json()["title"], got.headers["retry-after"]) == (409, "It was withdrawn", "1")
    for method, path, status in (("GET", f"/{CANARY}", 404), ("DELETE", "/forms", 405)):
        got = await answer(application(), method, path)
        assert (got.status, got.headers["content-type"]) == (status, "application/problem+json")
        assert b"kanariefugl" not in got.body


async def test_every_answer_has_the_security_headers() -> None:
    """Good ones, refusals before the application, and problems."""
    app = application()
    answers = [
        await answer(app, "POST", "/forms", body=[GOOD], headers=JSON),
        await answer(app, "POST", "/forms", body=[], headers=JSON | {"content-length": "99999"}),
        await answer(app, "GET", "/nowhere"),
        await answer(app, "GET", "/livez"),
    ]
    for got in answers:
        for name, value in module.SECURITY_HEADERS:
            assert got.headers[name.decode()] == value.decode()


async def test_browsers_are_told_to_stay_with_https_only_where_the_public_address_is_one() -> None:
    """Also by refusals; a local demo without TLS would else lock itself out."""
    plain, safe = application(), create_app(title="x", health=Health(), staff_token=SecretStr(TOKEN), https_only=True)
    for path in ("/livez", "/nowhere"):
        assert "strict-transport-security" not in (await answer(plain, "GET", path)).headers
        assert (await answer(safe, "GET", path)).headers["strict-transport-security"] == "max-age=31536000"


async def test_no_address_is_built_from_the_host_header() -> None:
    """A slash too many is a 404, not a redirect to whatever the caller called us."""
    got = await answer(application(), "GET", "/trace/", headers={"host": CANARY})
    assert (got.status, "location" in got.headers) == (404, False)


async def test_a_callers_trace_goes_on_and_junk_begins_a_new_one() -> None:
    """From the form to the last mail it is one trace."""
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    got = await answer(application(), "GET", "/trace", headers={"traceparent": parent})
    assert got.json()[:36] == parent[:36]
    got = await answer(application(), "GET", "/trace", headers={"traceparent": "ÆØÅ" * 100})
    assert len(got.json()) == len(parent)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 200),
        ({"authorization": f"bearer {TOKEN}"}, 200),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": "Bearer æøå"}, 401),
        ({"cookie": f"forloeb_staff={TOKEN}"}, 401),
        ({"cookie": f"forloeb_staff={TOKEN}", "accept": "text/html"}, 401),
        ({"cookie": f"forloeb_staff={TOKEN}", "authorization": "Bearer wrong"}, 401),
    ],
)
async def test_metrics_are_for_staff(headers: dict[str, str], status: int) -> None:
    """By the staff token as bearer token, and by nothing else."""
    got = await answer(application(), "GET", "/metrics", headers=headers)
    assert got.status == status
    assert TOKEN.encode() not in got.body


async def test_probes_tell_alive_and_ready() -> None:
    """Alive without asking anybody; ready only when every dependency answers."""
    health = Health()
    app = application(health)
    assert (await answer(app, "GET", "/livez")).status == 200
    assert (await answer(app, "GET", "/readyz")).json() == {"ready": True, "checks": {}}

    async def away() -> None:
        raise DependencyDownError("database")

    health.add_check("mongodb", away)
    health._cached = None
    got = await answer(app, "GET", "/readyz")
    assert (got.status, got.json()) == (503, {"ready": False, "checks": {"mongodb": "down"}})
    health.add_stall(lambda: "consume loop ended")
    got = await answer(app, "GET", "/livez")
    assert (got.status, got.json()) == (503, {"alive": False, "why": "consume loop ended"})


async def test_one_address_may_take_more_than_the_others() -> None:
    """Its own limit counts there, and there alone."""
    app = create_app(title="x", health=Health(), staff_token=SecretStr(TOKEN), larger_bodies={"/files": 100_000})

    @app.post("/{name}")
    async def take(name: str) -> dict[str, str]:
        return {"name": name}

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        statuses = [
            (await http.post(path, content=b"x" * size)).status_code
            for path, size in (("/files", 100_000), ("/files", 100_001), ("/other", 70_000), ("/files/x", 70_000))
        ]
    assert statuses == [200, 413, 413, 413]
