"""Fetches one calendar over https, within limits of size, time and redirects. What comes back is bytes that nobody has looked at."""

import asyncio
import zlib
from dataclasses import dataclass

import httpcore2

from services.scheduler.calendars.calendar_address import (
    HTTPS_PORT,
    AddressError,
    CalendarAddress,
    read_address,
    redirected,
)
from services.scheduler.calendars.faults import CalendarFault, Reason
from services.scheduler.calendars.pinned_network import Outside, PinnedNetwork

CALENDAR_BYTES_MAX = 5 * 1024 * 1024
FETCH_SECONDS_MAX = 20.0
"""For everything: resolving, connecting, redirects, the last byte."""
CONNECT_SECONDS_MAX = 5.0
REDIRECTS_MAX = 3
VALIDATOR_CHARACTERS_MAX = 300

_GZIP = zlib.MAX_WBITS | 16
_REDIRECTS = (301, 302, 303, 307, 308)
_NOT_MODIFIED = 304
_REASONS: dict[int, Reason] = {401: "access-refused", 403: "access-refused", 404: "not-found", 410: "not-found"}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the version that it sent, to be asked with next time."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes
    validators: Validators


async def fetch_calendar(address: str, known: Validators, *, outside: Outside) -> Fetched | None:
    """Get a calendar; None where the server says that the known version is still the newest.

    Raises:
        CalendarFault: it cannot be had, or is more than one calendar may be.

    """
    try:
        async with asyncio.timeout(FETCH_SECONDS_MAX):
            return await _follow(read_address(address), known, outside)
    except AddressError:
        raise CalendarFault("not-reachable") from None
    except (TimeoutError, httpcore2.TimeoutException):
        raise CalendarFault("timed-out") from None
    except httpcore2.ConnectError:
        raise CalendarFault("not-reachable") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError):
        raise CalendarFault("answered-wrongly") from None


async def _follow(address: CalendarAddress, known: Validators, outside: Outside) -> Fetched | None:
    """Go where redirects lead. Nothing that could be a secret is sent along: no cookie, no Referer, no user."""
    pool = httpcore2.AsyncConnectionPool(
        ssl_context=outside.tls, network_backend=PinnedNetwork(outside), http2=False, max_connections=1
    )
    async with pool:
        for _ in range(REDIRECTS_MAX + 1):
            url = httpcore2.URL(scheme="https", host=address.host, port=HTTPS_PORT, target=address.target)
            times = {"connect": CONNECT_SECONDS_MAX, "read": FETCH_SECONDS_MAX}
            request = pool.stream("GET", url, headers=_headers(known), extensions={"timeout": times})
            async with request as answer:
                if answer.status == _NOT_MODIFIED and known != Validators():
                    return None
                if answer.status not in _REDIRECTS:
                    return await _take(answer)
                address = redirected(address, _header(answer, b"location"))
    raise CalendarFault("not-reachable")


def _headers(known: Validators) -> list[tuple[str, str]]:
    headers = [("Accept", "text/calendar"), ("Accept-Encoding", "gzip"), ("User-Agent", "Forloeb-calendars")]
    if known.etag:
        headers.append(("If-None-Match", known.etag))
    if known.modified:
        headers.append(("If-Modified-Since", known.modified))
    return headers


async def _take(answer: httpcore2.Response) -> Fetched:
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise CalendarFault(_REASONS.get(answer.status, "answered-wrongly"))
    coding = _header(answer, b"content-encoding").lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise CalendarFault("answered-wrongly")
    content = await (_unpacked(answer) if coding.endswith("gzip") else _plain(answer))
    return Fetched(content, Validators(_validator(answer, b"etag"), _validator(answer, b"last-modified")))


async def _plain(answer: httpcore2.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_stream():
        content += piece
        if len(content) > CALENDAR_BYTES_MAX:
            raise CalendarFault("too-large")
    return bytes(content)


async def _unpacked(answer: httpcore2.Response) -> bytes:
    """Unpack while it arrives, and never more of it than may be kept: a few kB of gzip can hold gigabytes."""
    unpacker, content, received = zlib.decompressobj(_GZIP), bytearray(), 0
    async for piece in answer.aiter_stream():
        received += len(piece)
        try:
            content += unpacker.decompress(piece, CALENDAR_BYTES_MAX + 1 - len(content))
        except zlib.error:
            raise CalendarFault("answered-wrongly") from None
        if len(content) > CALENDAR_BYTES_MAX or received > CALENDAR_BYTES_MAX:
            raise CalendarFault("too-large")
        if unpacker.eof:
            break
    if not unpacker.eof:
        raise CalendarFault("answered-wrongly")
    return bytes(content)


def _validator(answer: httpcore2.Response, name: bytes) -> str:
    value = _header(answer, name)
    return value if len(value) <= VALIDATOR_CHARACTERS_MAX and value.isascii() and value.isprintable() else ""


def _header(answer: httpcore2.Response, name: bytes) -> str:
    return next((value.decode("latin-1").strip() for key, value in answer.headers if key.lower() == name), "")
