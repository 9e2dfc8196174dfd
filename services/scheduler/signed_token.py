"""Tokens that say by themselves what they are for: claims in clear and a signature over them and the programme's code. Pure."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

SIGNATURE_BYTES: Final = 16
TOKEN_CHARACTERS_MAX: Final = 400


def signed(claims: bytes, key: bytes, programme: str) -> str:
    """URL-safe text: the claims (ids only) and 128 bits of HMAC-SHA-256. `key` is of one purpose alone."""
    signature = hmac.new(key, programme.encode() + b"\0" + claims, hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(claims + signature).rstrip(b"=").decode()


def verified(text: str, key: bytes, programme: str) -> bytes | None:
    """The claims that `signed` made this text from, or None: altered, cut, of another programme or key."""
    if len(text) > TOKEN_CHARACTERS_MAX or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    claims = raw[:-SIGNATURE_BYTES]
    # Made anew and compared as a whole: no second spelling of the same bytes passes.
    return claims if claims and hmac.compare_digest(text.encode(), signed(claims, key, programme).encode()) else None
