"""What every HTTP edge shares: limits before parsing, problem documents (RFC 9457), security headers, health and staff checks."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from starlette.exceptions import HTTPException as StarletteHTTPException

from shared import trace
from shared.errors import DependencyDownError
from shared.health import Health

BODY_BYTES_MAX = 64 * 1024
BODY_SECONDS_MAX = 30.0
PROBLEM = "application/problem+json"
STAFF_COOKIE = "forloeb_staff"
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
            b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
"""For a year, and for this host alone: the hosts below it are not ours to decide about."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def problem(
    status: int, title: str, *, detail: str = "", headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem document (RFC 9457). Nothing in it repeats what the caller typed."""
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        **({"detail": detail} if detail else {}),
        **more,
    }
    return JSONResponse(content, status_code=status, media_type=PROBLEM, headers=headers)


def create_app(
    *,
    title: str,
    health: Health,
    staff_token: SecretStr,
    body_bytes_max: int = BODY_BYTES_MAX,
    https_only: bool = False,
) -> FastAPI:
    """An application with the shared edges on; the service adds its own routes. Its documentation pages are off.

    `https_only`: browsers are told to use https from now on; for services whose public address is one.
    """
    # The framework's redirects to an address with or without the last slash would be built from the Host header.
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(Edge, body_bytes_max=body_bytes_max, https_only=https_only)
    app.include_router(health_routes(health, staff_token))
    app.add_exception_handler(StarletteHTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(DependencyDownError, _down_problem)
    app.add_exception_handler(Exception, _bug_problem)
    return app


def health_routes(health: Health, staff_token: SecretStr) -> APIRouter:
    """`/livez` (no I/O), `/readyz` (asks the dependencies), `/metrics` (staff only)."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        stalled = health.stalled()
        return JSONResponse({"alive": stalled is None, "why": stalled}, status_code=503 if stalled else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        states = await health.readiness()
        ready = all(state == "ok" for state in states.values())
        return JSONResponse({"ready": ready, "checks": states}, status_code=200 if ready else 503)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        require_staff(request, staff_token)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def require_staff(request: Request, staff_token: SecretStr) -> None:
    """Let staff through: a bearer token, or the same token in the staff cookie; compared in constant time.

    Raises:
        HTTPException: 401.

    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    given = token if kind.lower() == "bearer" else request.cookies.get(STAFF_COOKIE, "")
    if not hmac.compare_digest(given.encode(), staff_token.get_secret_value().encode()):
        raise HTTPException(401, "Staff only: send the staff token.", headers={"WWW-Authenticate": "Bearer"})


class Edge:
    """ASGI middleware: refuses bodies over the limit before anything is parsed, follows the trace, sets security headers."""

    def __init__(self, app: Any, body_bytes_max: int, *, https_only: bool = False) -> None:
        self._app = app
        self._body_bytes_max = body_bytes_max
        self._headers = (*SECURITY_HEADERS, HTTPS_ONLY) if https_only else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace.begin(headers.get(b"traceparent", b"").decode("latin-1"))

        async def secured(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(row for row in self._headers if row[0] not in present)]
            await send(message)

        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._body_bytes_max:
            await self._refuse_size(scope, receive, secured)
            return
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, secured)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                body = await self._read(receive)
        except _TooLargeError:
            await self._refuse_size(scope, receive, secured)
        except _GoneError:
            return
        except TimeoutError:
            await problem(408, "The request came too slowly", headers={"Connection": "close"})(scope, receive, secured)
        else:
            await self._app(scope, _replay(body, receive), secured)

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                # Half a body must not pass for a whole one.
                raise _GoneError
            body += message.get("body", b"")
            if len(body) > self._body_bytes_max:
                raise _TooLargeError
            if not message.get("more_body"):
                return bytes(body)

    async def _refuse_size(self, scope: Scope, receive: Receive, send: Send) -> None:
        title = "The request is too large"
        answer = problem(
            413, title, detail=f"Send at most {self._body_bytes_max} bytes.", headers={"Connection": "close"}
        )
        await answer(scope, receive, send)


class _TooLargeError(Exception):
    """The body is larger than allowed."""


class _GoneError(Exception):
    """The caller hung up before the body was complete."""


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _http_problem(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    return problem(status, str(getattr(error, "detail", "Error")), headers=getattr(error, "headers", None))


async def _validation_problem(_request: Request, error: Exception) -> Response:
    """FastAPI's own answer repeats the input; this one names the field and the code only."""
    rows = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(422, "Some fields are wrong", errors=[{"field": _field(row), "code": row["type"]} for row in rows])


def _field(row: Mapping[str, Any]) -> str:
    # The name of an unknown field is something that the caller typed: only where it stood is told.
    known = row["loc"][:-1] if row["type"] == "extra_forbidden" else row["loc"]
    return ".".join(str(part) for part in known)


async def _down_problem(_request: Request, _error: Exception) -> Response:
    return problem(
        503,
        "Temporarily unavailable",
        detail="Please try again in a minute.",
        headers={"Retry-After": "30"},
    )


async def _bug_problem(_request: Request, _error: Exception) -> Response:
    """Outside the edge, so it sets the security headers itself. The log has the places of the error, nobody its text."""
    headers = {name.decode(): value.decode() for name, value in SECURITY_HEADERS}
    return problem(500, "Something went wrong on our side", headers=headers)
