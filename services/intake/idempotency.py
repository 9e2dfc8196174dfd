"""The Idempotency-Key header: the same key and body give the first answer again, and no second application.

What was answered can be made again from the application itself, so only keyed digests are stored, within the
application's own document: the guard is a unique index, and there is no second write. Digests are dropped after a day.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.errors import KeyFormError, KeyInUseError

KEPT = timedelta(hours=24)
_FORM = re.compile(r'[\x21\x23-\x7e]{16,128}|"[\x21\x23-\x7e]{16,128}"')
"""Visible ASCII; with or without the quotes of a structured header (RFC 8941)."""


@dataclass(frozen=True, kw_only=True)
class RequestMark:
    """What is kept of a request with an Idempotency-Key: keyed digests of the key (with who sent it) and of the body."""

    key: str
    body: str
    until: datetime


def mark(header: str | None, body: bytes, *, trusted: bool, secret: bytes, now: datetime) -> RequestMark | None:
    """The mark of a request; None where it has no such header.

    Raises:
        KeyFormError: the header is too short, too long or has other characters.

    """
    if header is None:
        return None
    if not _FORM.fullmatch(header):
        raise KeyFormError
    scope = b"trusted\0" if trusted else b"open\0"
    return RequestMark(
        key=_digest(secret, b"key\0" + scope + header.strip('"').encode()),
        body=_digest(secret, b"body\0" + body),
        until=now + KEPT,
    )


class InFlight:
    """The keys whose first request is being handled by this process. A second one at another process meets the index."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    @contextmanager
    def hold(self, request: RequestMark | None) -> Iterator[None]:
        """Hold the key of a request while it is handled.

        Raises:
            KeyInUseError: it is held already.

        """
        if request is None:
            yield
            return
        if request.key in self._keys:
            raise KeyInUseError
        self._keys.add(request.key)
        try:
            yield
        finally:
            self._keys.discard(request.key)


def _digest(secret: bytes, content: bytes) -> str:
    return hmac.new(secret, content, hashlib.sha256).hexdigest()
