"""The signed, timed token of a form: a page that sends it was made by us, for this subject, not long ago. Pure."""

import base64
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

SIGNATURE_BYTES: Final = 16
_ISSUED: Final = struct.Struct(">Q")
TOKEN_CHARACTERS: Final = 32
"""24 bytes in base64."""
KEPT: Final = timedelta(hours=4)

Verdict = Literal["right", "wrong", "old"]


def make(*, key: bytes, subject: str, now: datetime) -> str:
    """A token for `subject`: what the form is about, for whom, and to do what. URL-safe."""
    issued = _ISSUED.pack(int(now.timestamp()))
    return base64.urlsafe_b64encode(issued + _signature(key, subject, issued)).decode()


def check(token: str, *, key: bytes, subject: str, now: datetime, kept: timedelta = KEPT) -> Verdict:
    """Whether it is a token of ours for this subject, and younger than `kept`."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        return "wrong"
    issued, signature = raw[: _ISSUED.size], raw[_ISSUED.size :]
    if len(issued) != _ISSUED.size or not hmac.compare_digest(signature, _signature(key, subject, issued)):
        return "wrong"
    (seconds,) = _ISSUED.unpack(issued)
    return "right" if now - datetime.fromtimestamp(seconds, UTC) <= kept else "old"


def _signature(key: bytes, subject: str, issued: bytes) -> bytes:
    return hmac.new(key, issued + subject.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]
