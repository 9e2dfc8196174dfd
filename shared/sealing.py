"""Sealed blocks: personal data encrypted under the key of the person that it is about (AES-256-GCM), pure functions only."""

import base64
import json
from collections.abc import Sequence
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

FORMAT: Literal["A256GCM/1"] = "A256GCM/1"
KEY_BYTES = 32
NONCE_BYTES = 12


class SealBrokenError(Exception):
    """The block was altered, or stands in another place than the one that it was sealed for."""


class Sealed(BaseModel):
    """Ciphertext with the id of its key; readable only where it was put, since its place is bound in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["A256GCM/1"] = FORMAT
    key_id: str
    nonce: str
    box: str

    def __repr__(self) -> str:
        return f"Sealed({self.key_id})"

    __str__ = __repr__


def additional_data(key_id: str, place: Sequence[str]) -> bytes:
    """The place of a block as a JSON array: unlike joined strings, no two places have the same bytes."""
    return json.dumps([FORMAT, key_id, *place], ensure_ascii=False, separators=(",", ":")).encode()


def event_place(aggregate_id: str, event_type: str, event_id: str) -> tuple[str, ...]:
    """The place of a block within an event."""
    return (aggregate_id, event_type, event_id)


def document_place(collection: str, document_id: str, field: str) -> tuple[str, ...]:
    """The place of a block within a stored document."""
    return ("document", collection, document_id, field)


def seal(plain: bytes, *, key: bytes, key_id: str, place: Sequence[str], nonce: bytes) -> Sealed:
    """Encrypt `plain` for one place. `nonce` is 12 random bytes, never derived from an id or a counter."""
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes and a nonce {NONCE_BYTES}")
    box = AESGCM(key).encrypt(nonce, plain, additional_data(key_id, place))
    return Sealed(key_id=key_id, nonce=base64.b64encode(nonce).decode(), box=base64.b64encode(box).decode())


def unseal(sealed: Sealed, *, key: bytes, place: Sequence[str]) -> bytes:
    """The plain bytes again.

    Raises:
        SealBrokenError: the block, its key or its place is not the one that was sealed.

    """
    try:
        nonce = base64.b64decode(sealed.nonce, validate=True)
        box = base64.b64decode(sealed.box, validate=True)
        return AESGCM(key).decrypt(nonce, box, additional_data(sealed.key_id, place))
    except (InvalidTag, ValueError):
        raise SealBrokenError(sealed.key_id) from None
