"""Signed links: whoever holds one may do what its purpose allows, without a password. Pure.

Everything that a link says stands in it and is covered by its signature; nothing about it is stored. A link is renewed
by raising the application's epoch: all links of an earlier epoch are then wrong.
"""

import base64
import binascii
import hashlib
import hmac
import struct
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

KEY_NUMBER = 1
"""Which signing key: a second one may join it while keys are changed."""
SIGNATURE_BYTES = 16
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


def signed(claims: bytes, *, key: bytes, programme: str) -> str:
    """URL-safe text: the claims in clear (ids only) and 128 bits of HMAC-SHA-256 over them.

    The programme's code is signed without standing in the text, so one of another programme never fits.
    """
    signature = hmac.new(key, programme.encode() + b"\0" + claims, hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(claims + signature).rstrip(b"=").decode()


def verified(text: str, *, claims_bytes: int, key: bytes, programme: str) -> bytes | None:
    """The claims that `signed` made this text from, or None: altered, cut, of another programme or key."""
    characters = (4 * (claims_bytes + SIGNATURE_BYTES) + 2) // 3
    if len(text) != characters or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-characters % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    claims = raw[:claims_bytes]
    # Made anew and compared as a whole: no second spelling of the same bytes passes.
    genuine = hmac.compare_digest(text.encode(), signed(claims, key=key, programme=programme).encode())
    return claims if genuine else None


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
