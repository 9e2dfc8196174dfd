"""Signed links: whoever holds one may do what its purpose allows, without a password. Pure.

Everything that a link says stands in it and is covered by its signature; nothing about it is stored. A link is renewed
by raising the application's epoch: all links of an earlier epoch are then wrong.
"""

import struct
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from shared.signed_token import signed, verified

KEY_NUMBER = 1
"""Which signing key: a second one may join it while keys are changed."""
NOBODY = "-"
_NO_PERSON = uuid.UUID(int=0)
_CLAIMS = struct.Struct(">BB16s16sHI")
CLAIMS_BYTES = _CLAIMS.size
TOKEN_CHARACTERS = 75
"""56 bytes in base64 without padding."""


class Purpose(Enum):
    """`status` goes to whoever sent the application in, `contact` by mail to one contact. The values are on the wire."""

    STATUS = 1
    CONTACT = 2


@dataclass(frozen=True, kw_only=True)
class Link:
    """What one link is good for. `person_id` is "-" in a status link; `expires_at` is an instant in whole seconds."""

    purpose: Purpose
    application_id: str
    person_id: str
    epoch: int
    expires_at: datetime


def pack(link: Link) -> bytes:
    """The claims of a link as bytes: always `CLAIMS_BYTES` of them."""
    person = _NO_PERSON if link.person_id == NOBODY else uuid.UUID(link.person_id)
    return _CLAIMS.pack(
        KEY_NUMBER,
        link.purpose.value,
        uuid.UUID(link.application_id).bytes,
        person.bytes,
        link.epoch,
        int(link.expires_at.timestamp()),
    )


def unpack(claims: bytes) -> Link:
    """The link again.

    Raises:
        ValueError: they are no claims of ours.

    """
    try:
        key_number, purpose, application, person, epoch, expires = _CLAIMS.unpack(claims)
    except struct.error:
        raise ValueError("no claims") from None
    if key_number != KEY_NUMBER:
        raise ValueError("signed with a key that we no longer know")
    return Link(
        purpose=Purpose(purpose),
        application_id=str(uuid.UUID(bytes=application)),
        person_id=NOBODY if person == _NO_PERSON.bytes else str(uuid.UUID(bytes=person)),
        epoch=epoch,
        expires_at=datetime.fromtimestamp(expires, UTC),
    )


def make(link: Link, *, key: bytes, programme: str) -> str:
    """The token of a link."""
    return signed(pack(link), key=key, programme=programme)


def read(token: str, *, key: bytes, programme: str, now: datetime) -> Link | None:
    """The link that a token stands for, or None: not genuine, or expired.

    The epoch is not known here: the caller compares it with the application's.
    """
    claims = verified(token, claims_bytes=CLAIMS_BYTES, key=key, programme=programme)
    if claims is None:
        return None
    try:
        link = unpack(claims)
    except ValueError:
        return None
    return link if now < link.expires_at else None


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Makes and reads the links of one programme; `public_url` is where its pages are reached."""

    key: bytes = field(repr=False)
    programme: str
    public_url: str

    def token(self, link: Link) -> str:
        return make(link, key=self.key, programme=self.programme)

    def page(self, link: Link) -> str:
        """The address of the page that a link opens."""
        return f"{self.public_url}/s/{self.token(link)}"

    def read(self, token: str, *, now: datetime) -> Link | None:
        return read(token, key=self.key, programme=self.programme, now=now)
