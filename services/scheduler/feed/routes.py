"""The HTTP edge of consultants' calendars: one signed address each, for calendar programs that send nothing but a GET."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Request, Response

from services.scheduler.feed.feed_link import FEEDS, FILE, FeedSigner
from services.scheduler.feed.read_feed import read_feed
from services.scheduler.means import Means
from shared.client_address import Network
from shared.rate_limit import RateLimit
from shared.request_errors import RequestError, TooManyError
from shared.request_network import network_of

GUESSES: Final = "30/10 minutes"
"""Wrong addresses from one network, per process."""
FETCHES: Final = "60/10 minutes"
"""Of one calendar, per process: programs ask once an hour or so."""
MAX_AGE_SECONDS: Final = 900
NOT_MODIFIED: Final = 304
CALENDAR: Final = "text/calendar; charset=utf-8"


class NoCalendarError(RequestError):
    """Whatever is wrong with an address, the answer is the same, so that nobody learns anything by trying."""

    status = 404
    title = "There is no such calendar"
    detail = "The address is wrong, or a new one was made."


@dataclass(frozen=True, kw_only=True)
class FeedDesk:
    """What the calendars are read with; `proxies` are those whose X-Forwarded-For is believed."""

    means: Means
    signer: FeedSigner
    proxies: Sequence[Network]
    guesses: RateLimit = field(default_factory=lambda: RateLimit(GUESSES, clock=time.monotonic))
    fetches: RateLimit = field(default_factory=lambda: RateLimit(FETCHES, clock=time.monotonic))


def feed_routes(desk: FeedDesk) -> APIRouter:
    """Every calendar under `/kalender`."""
    router = APIRouter(prefix=FEEDS, include_in_schema=False)

    @router.api_route("/{file}", methods=["GET", "HEAD"])
    async def calendar(request: Request, file: str) -> Response:
        network = network_of(request, desk.proxies)
        _refuse_after(desk.guesses.wait_seconds(network))
        link = desk.signer.read(file.removesuffix(FILE)) if file.endswith(FILE) else None
        if link is not None:
            _refuse_after(desk.fetches.wait_seconds(link.consultant_id))
            desk.fetches.count(link.consultant_id)
        feed = None if link is None else await read_feed(link, means=desk.means)
        if feed is None:
            desk.guesses.count(network)
            raise NoCalendarError
        headers = {
            "ETag": feed.etag,
            "Cache-Control": f"private, max-age={MAX_AGE_SECONDS}",
            "X-Robots-Tag": "noindex",
        }
        if _known(request, feed.etag):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        return Response(feed.ics, media_type=CALENDAR, headers=headers)

    return router


def _known(request: Request, etag: str) -> bool:
    """Whether the program has these very bytes: RFC 9110 section 13.1.2, where the comparison is the weak one."""
    given = [one.strip() for value in request.headers.getlist("if-none-match") for one in value.split(",")]
    return "*" in given or etag in [one.removeprefix("W/") for one in given]


def _refuse_after(wait_seconds: int) -> None:
    if wait_seconds:
        raise TooManyError(wait_seconds)
