"""The outermost layer of every HTTP service: limits before anything is parsed, security headers, and no word about a bug."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from fastapi import Request, Response

from shared import trace
from shared.problems import problem

BODY_BYTES_MAX = 64 * 1024
BODY_SECONDS_MAX = 30.0
DISCARD_BYTES_MAX = 4 * 1024 * 1024
DISCARD_SECONDS_MAX = 2.0
"""Of a body that is refused, so much is still taken from the line: closing over unread bytes would tear the answer away."""
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
CLOSE = MappingProxyType({"Connection": "close"})
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
"""For a year, and for this host alone: the hosts below it are not ours to decide about."""

Scope = MutableMapping[str, Any]
ErrorPage = Callable[[Request, int, Mapping[str, str]], Response | None]
"""The page that people get for a status with these headers; None where the caller is a program."""
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Edge:
    """ASGI middleware: refuses bodies over the limit before anything is parsed, follows the trace, sets security headers.

    `larger` are the addresses that take more, with their limits in bytes.
    """

    def __init__(
        self,
        app: Any,
        body_bytes_max: int,
        *,
        larger: Mapping[str, int] = MappingProxyType({}),
        https_only: bool = False,
        error_page: ErrorPage | None = None,
    ) -> None:
        self._app = app
        self._error_page = error_page
        self._body_bytes_max = body_bytes_max
        self._larger = larger
        self._headers = (*SECURITY_HEADERS, HTTPS_ONLY) if https_only else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace.begin(dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1"))
        begun = False

        async def secured(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(row for row in self._headers if row[0] not in present)]
            await send(message)

        try:
            await self._pass_on(scope, receive, secured)
        except Exception:
            # The caller learns nothing of it; the server logs where it was, without its text.
            if not begun:
                await self._refuse(scope, receive, secured, 500, "Something went wrong on our side")
            raise

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To the application with its body whole, unless there is too much of it, or it comes too slowly."""
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        limit = self._limit(scope)
        if not declared.isdigit() or int(declared) > limit:
            await self._refuse_size(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                body = await self._read(receive, limit)
        except _TooLargeError:
            await self._refuse_size(scope, receive, send)
        except _GoneError:
            return
        except TimeoutError:
            await self._refuse(scope, receive, send, 408, "The request came too slowly", headers=CLOSE)
        else:
            await self._app(scope, _replay(body, receive), send)

    def _limit(self, scope: Scope) -> int:
        """Bytes that a body may have at this address."""
        return self._larger.get(scope["path"], self._body_bytes_max)

    async def _read(self, receive: Receive, limit: int) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                # Half a body must not pass for a whole one.
                raise _GoneError
            body += message.get("body", b"")
            if len(body) > limit:
                raise _TooLargeError
            if not message.get("more_body"):
                return bytes(body)

    async def _refuse_size(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def lingering(message: MutableMapping[str, Any]) -> None:
            if message["type"] != "http.response.body" or message.get("more_body"):
                await send(message)
                return
            await send({**message, "more_body": True})
            await _discard(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        detail = f"Send at most {self._limit(scope)} bytes."
        await self._refuse(scope, receive, lingering, 413, "The request is too large", detail=detail, headers=CLOSE)

    async def _refuse(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        status: int,
        title: str,
        *,
        detail: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        page = self._error_page(Request(scope), status, headers) if self._error_page else None
        answer = page or problem(status, title, detail=detail, headers=dict(headers))
        await answer(scope, receive, send)


async def _discard(receive: Receive) -> None:
    left = DISCARD_BYTES_MAX
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS_MAX):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return


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
