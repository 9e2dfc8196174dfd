"""Keyed digests of mail addresses: they tell whether two are the same, and nobody without the key can find out which. Pure."""

import base64
import hashlib
import hmac
from typing import Final

DIGEST_BYTES: Final = 16


def digest(address: str, *, key: bytes) -> str:
    """22 URL-safe characters; upper and lower case are the same address."""
    raw = hmac.new(key, address.casefold().encode(), hashlib.sha256).digest()[:DIGEST_BYTES]
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def domain_digest(address: str, *, key: bytes) -> str:
    """The same for the domain alone: which addresses one organisation's mail server takes in."""
    return digest(address.rpartition("@")[2], key=key)
