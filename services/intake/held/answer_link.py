"""The link with which somebody confirms an answer, and the cookie that it is exchanged for. Pure.

Its claims are shorter than those of the other links and name a purpose of their own, so none of them passes for another.
"""

import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.intake.links import KEY_NUMBER, Signer
from shared.signed_token import signed, verified

PURPOSE: Final = 3
"""The next one after those of `links.Purpose`."""
PAGES: Final = "/svar"
IDLE: Final = timedelta(minutes=30)
"""So long after the last page the cookie opens nothing any more. The link itself still does."""

_CLAIMS: Final = struct.Struct(">BB16s16sI")
_USED: Final = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class AnswerLink:
    """What the link is good for: one held answer, until an instant in whole seconds. Nothing more is opened by it."""

    application_id: str
    held_id: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Of the page without secrets that the link is exchanged for."""
        return f"{PAGES}/moede/{self.held_id}"

    @property
    def cookie(self) -> str:
        """The cookie's name: one for each answer, so that several can be confirmed side by side."""
        return f"forloeb_svar_{self.held_id}"


def address_of(link: AnswerLink, signer: Signer) -> str:
    """The address for the mail."""
    return f"{signer.public_url}{PAGES}/{signed(_pack(link), key=signer.key, programme=signer.programme)}"


def read_token(token: str, signer: Signer, *, now: datetime) -> AnswerLink | None:
    """The link that a token stands for, or None: not genuine, or expired. Whether the answer still waits is not known here."""
    link = _unpack(verified(token, claims_bytes=_CLAIMS.size, key=signer.key, programme=signer.programme))
    return link if link and now < link.expires_at else None


def make_cookie(link: AnswerLink, *, key: bytes, programme: str, now: datetime) -> str:
    """The value of the cookie after a use at `now`."""
    return signed(_pack(link) + _USED.pack(int(now.timestamp())), key=key, programme=programme)


def read_cookie(value: str, *, key: bytes, programme: str) -> tuple[AnswerLink, datetime] | None:
    """The link that a cookie stands for and when it was last used, or None: not one of ours."""
    claims = verified(value, claims_bytes=_CLAIMS.size + _USED.size, key=key, programme=programme)
    link = _unpack(claims[: _CLAIMS.size] if claims else None)
    if claims is None or link is None:
        return None
    (used,) = _USED.unpack(claims[_CLAIMS.size :])
    return link, datetime.fromtimestamp(used, UTC)


def _pack(link: AnswerLink) -> bytes:
    return _CLAIMS.pack(
        KEY_NUMBER,
        PURPOSE,
        uuid.UUID(link.application_id).bytes,
        uuid.UUID(link.held_id).bytes,
        int(link.expires_at.timestamp()),
    )


def _unpack(claims: bytes | None) -> AnswerLink | None:
    if claims is None:
        return None
    key_number, purpose, application, held, expires = _CLAIMS.unpack(claims)
    if (key_number, purpose) != (KEY_NUMBER, PURPOSE):
        return None
    return AnswerLink(
        application_id=str(uuid.UUID(bytes=application)),
        held_id=str(uuid.UUID(bytes=held)),
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
