"""The cookie that a link is exchanged for: what the link says, and when it was last used. Signed, under a key of its own. Pure."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.intake.links import CLAIMS_BYTES, Link, pack, unpack
from shared.signed_token import signed, verified

IDLE: Final = timedelta(minutes=30)
"""So long after the last page the cookie opens nothing any more. The link itself still does."""
_USED: Final = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class Session:
    link: Link
    used_at: datetime

    def is_idle(self, now: datetime) -> bool:
        return now - self.used_at >= IDLE


def cookie_of(reference: str) -> str:
    """The cookie's name: one for each application, so that several are open in one browser."""
    return f"forloeb_status_{reference}"


def make(link: Link, *, key: bytes, programme: str, now: datetime) -> str:
    """The value of the cookie after a use at `now`."""
    return signed(pack(link) + _USED.pack(int(now.timestamp())), key=key, programme=programme)


def read(value: str, *, key: bytes, programme: str) -> Session | None:
    """The session that a cookie stands for, or None: not one of ours. Whether it is idle or expired, the caller asks."""
    claims = verified(value, claims_bytes=CLAIMS_BYTES + _USED.size, key=key, programme=programme)
    if claims is None:
        return None
    try:
        link = unpack(claims[:CLAIMS_BYTES])
    except ValueError:
        return None
    (used,) = _USED.unpack(claims[CLAIMS_BYTES:])
    return Session(link=link, used_at=datetime.fromtimestamp(used, UTC))
