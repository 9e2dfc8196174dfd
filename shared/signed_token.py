"""Tokens that say by themselves what they are for: claims in clear and a signature over them and the programme's code. Pure."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

SIGNATURE_BYTES: Final = 16
TOKEN_CHARACTERS_MAX: Final = 400


def signed(claims: bytes, *, key: bytes, programme: str) -> str:
    """URL-safe text: the claims in clear (ids only) and 128 bits of HMAC-SHA-256 over them. `key` is of one purpose alone.

    The programme's code is signed without standing in the text, so one of another programme never fits.
    """
    signature = hmac.new(key, programme.encode() + b"\0" + claims, hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(claims + signature).rstrip(b"=").decode()


def verified(text: str, *, key: bytes, programme: str, claims_bytes: int | None = None) -> bytes | None:
    """The claims that `signed` made this text from, or None: altered, cut, of another programme or key.

    `claims_bytes`: how many there must be, where that is known.
    """
    if len(text) > TOKEN_CHARACTERS_MAX or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    claims = raw[:-SIGNATURE_BYTES]
    if not claims or (claims_bytes is not None and len(claims) != claims_bytes):
        return None
    # Made anew and compared as a whole: no second spelling of the same bytes passes.
    genuine = hmac.compare_digest(text.encode(), signed(claims, key=key, programme=programme).encode())
    return claims if genuine else None
