"""The return path of one mail (VERP): a mailbox for bounces with a token that names the message and cannot be guessed.

The token is the message's 16 bytes and a 16-byte HMAC over them in lower-case base32, since mail servers may change the case
of a local part. Strangers' guesses are refused without a look into the database.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from typing import Final

from shared.address_token import LOCAL_PART_CHARS_MAX, token_in

BOUNCE_ADDRESS: Final = "bounce-address"
"""Purpose of the key that signs return paths."""
TOKEN_CHARS: Final = 52
"""32 bytes in base32 without padding."""

_ID_BYTES: Final = 16
_MAC_BYTES: Final = 16
_PURPOSE: Final = b"forloeb bounce address 1\x00"
_PADDING: Final = "=" * (-TOKEN_CHARS % 8)


def bounce_address(message_id: str, *, key: bytes, mailbox: str, domain: str) -> str:
    """The envelope sender of a message, e.g. `bounce+<token>@example.org`.

    Raises:
        ValueError: `message_id` is no UUID, or the mailbox has too long a name (RFC 5321 section 4.5.3.1.1).

    """
    local_part = f"{mailbox}+{_token(uuid.UUID(message_id).bytes, key)}"
    if len(local_part) > LOCAL_PART_CHARS_MAX:
        raise ValueError(f"choose a mailbox name of at most {LOCAL_PART_CHARS_MAX - TOKEN_CHARS - 1} characters")
    return f"{local_part}@{domain}"


def message_of(address: str, *, key: bytes) -> str | None:
    """The id of the message that a return path was made for, in whatever case; None for a token that was not made with `key`."""
    token = token_in(address)
    if token is None or len(token) != TOKEN_CHARS or not token.isascii():
        return None
    try:
        message = base64.b32decode(token.upper() + _PADDING)[:_ID_BYTES]
    except binascii.Error:
        return None
    # The whole spelling is compared: the last letter has spare bits, so several spellings decode alike.
    return str(uuid.UUID(bytes=message)) if hmac.compare_digest(token.encode(), _token(message, key).encode()) else None


def _token(message: bytes, key: bytes) -> str:
    mac = hmac.digest(key, _PURPOSE + message, hashlib.sha256)[:_MAC_BYTES]
    return base64.b32encode(message + mac).decode("ascii").rstrip("=").lower()
