"""What the consultants' pages work with, wired once in main, and what a request must pass before it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from services.scheduler.consultant_page.link import PlanSigner
from services.scheduler.feed.feed_link import FeedSigner
from services.scheduler.means import Means
from shared.client_address import Network
from shared.rate_limit import RateLimit
from shared.request_errors import RequestError, TooManyError
from shared.request_network import network_of
from shared.web.site import Site

GUESSES: Final = "30/10 minutes"
"""Wrong links and cookies from one network, per process."""
CHANGES: Final = "60/10 minutes"
"""Forms from one network, per process: each has the matcher look for a course."""


class PlanLinkError(RequestError):
    """Whatever is wrong with a link, the answer is the same, so that nobody learns anything by trying."""

    status = 404
    title = "This link leads nowhere"
    detail = "It is wrong, incomplete or no longer valid."


@dataclass(frozen=True, kw_only=True)
class ConsultantRoom:
    """`session_key` signs cookies, `form_key` the tokens of forms; `proxies` are those whose X-Forwarded-For is believed."""

    means: Means
    site: Site
    signer: PlanSigner
    feeds: FeedSigner
    session_key: bytes
    form_key: bytes
    proxies: Sequence[Network]
    guesses: RateLimit
    changes: RateLimit


def refuse_guessing(request: Request, room: ConsultantRoom) -> None:
    """Raises TooManyError after too many wrong links from this network; right ones are refused then, too."""
    _refuse_after(room.guesses.wait_seconds(network_of(request, room.proxies)))


def count_guess(request: Request, room: ConsultantRoom) -> None:
    room.guesses.count(network_of(request, room.proxies))


def admit_change(request: Request, room: ConsultantRoom) -> None:
    """Let a form through. Raises TooManyError."""
    network = network_of(request, room.proxies)
    _refuse_after(room.changes.wait_seconds(network))
    room.changes.count(network)


def _refuse_after(wait_seconds: int) -> None:
    if wait_seconds:
        raise TooManyError(wait_seconds)
