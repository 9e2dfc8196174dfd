"""What a request must pass before it is read: how often, from where, as whom, and with which link."""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog
from fastapi import Request
from prometheus_client import Counter

from services.intake.errors import LinkError, NotJsonError, TokenUnknownError
from services.intake.links import Link
from services.intake.parts import Parts
from shared.rate_limit import RateLimit
from shared.request_errors import TooManyError
from shared.request_network import network_of

EVERYBODY = "everybody"
REFUSED = Counter("forloeb_intake_refused_total", "Requests refused for coming too often, by the limit.", ["limit"])

log = structlog.get_logger(__name__)

Found = TypeVar("Found")


def require_json(request: Request) -> None:
    """Raises NotJsonError unless the body is declared as JSON in UTF-8."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise NotJsonError


def admit(request: Request, parts: Parts) -> bool:
    """Let a program's application through to be read. Answers whether its sender is trusted; who is, has no limit of its own.

    Raises:
        TokenUnknownError: a token was sent, and it is not ours.
        TooManyError: too many applications, or too many wrong tokens.

    """
    network = network_of(request, parts.proxies)
    trusted = _is_trusted(request, parts, network)
    _admit_application(parts, None if trusted else network)
    return trusted


def admit_sending(request: Request, parts: Parts) -> None:
    """Let an application of the form through. A browser's Authorization header is for a proxy before us, never a token of ours.

    Raises:
        TooManyError: too many applications.

    """
    _admit_application(parts, network_of(request, parts.proxies))


def admit_draft(request: Request, parts: Parts) -> None:
    """Let somebody begin an application in the form.

    Raises:
        TooManyError: too many were begun from this network, or too many forms came in all.

    """
    network = network_of(request, parts.proxies)
    _refuse_after(parts.limits.drafts.wait_seconds(network), limit="drafts")
    _refuse_flood(parts.limits.all_changes, parts)
    parts.limits.drafts.count(network)
    parts.limits.all_changes.count(EVERYBODY)


def admit_change(request: Request, parts: Parts) -> None:
    """Let a form of the public pages through: each is a write, or looks for what to write to.

    Raises:
        TooManyError: too many came from this network, or in all.

    """
    network = network_of(request, parts.proxies)
    _refuse_after(parts.limits.changes.wait_seconds(network), limit="changes")
    _refuse_flood(parts.limits.all_changes, parts)
    parts.limits.changes.count(network)
    parts.limits.all_changes.count(EVERYBODY)


def read_link(request: Request, token: str, parts: Parts, *, now: datetime) -> Link:
    """The genuine link in a request.

    Raises:
        LinkError: it is not genuine or has expired.
        TooManyError: too many wrong ones came from this network.

    """
    return genuine(request, parts, lambda: parts.signer.read(token, now=now))


def genuine(request: Request, parts: Parts, read: Callable[[], Found | None]) -> Found:
    """What `read` finds in a request; None counts as a guess. Raises as `read_link`."""
    network = network_of(request, parts.proxies)
    _refuse_after(parts.limits.guesses.wait_seconds(network), limit="guesses")
    found = read()
    if found is None:
        parts.limits.guesses.count(network)
        raise LinkError
    return found


def count_guess(request: Request, parts: Parts) -> None:
    """Count what cannot be told from a guess.

    Raises:
        TooManyError: too many came from this network.

    """
    network = network_of(request, parts.proxies)
    _refuse_after(parts.limits.guesses.wait_seconds(network), limit="guesses")
    parts.limits.guesses.count(network)


def _admit_application(parts: Parts, network: str | None) -> None:
    """Without a network there is only the limit for everybody."""
    if network is not None:
        _refuse_after(parts.limits.clients.wait_seconds(network), limit="client")
    _refuse_flood(parts.limits.everybody, parts)
    if network is not None:
        parts.limits.clients.count(network)
    parts.limits.everybody.count(EVERYBODY)


def _is_trusted(request: Request, parts: Parts, network: str) -> bool:
    header = request.headers.get("authorization")
    if header is None:
        return False
    _refuse_after(parts.limits.guesses.wait_seconds(network), limit="guesses")
    kind, _, token = header.partition(" ")
    known = parts.api_token.get_secret_value() if parts.api_token else ""
    if known and kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), known.encode()):
        return True
    parts.limits.guesses.count(network)
    raise TokenUnknownError


def _refuse_flood(limit: RateLimit, parts: Parts) -> None:
    wait_seconds = limit.wait_seconds(EVERYBODY)
    if wait_seconds and not parts.limits.alarms.wait_seconds(EVERYBODY):
        # One network is its own affair; all together is a flood, or a limit that is too low.
        parts.limits.alarms.count(EVERYBODY)
        log.error("limit-for-everybody-reached")
    _refuse_after(wait_seconds, limit=EVERYBODY)


def _refuse_after(wait_seconds: int, *, limit: str) -> None:
    if wait_seconds:
        REFUSED.labels(limit=limit).inc()
        raise TooManyError(wait_seconds)
