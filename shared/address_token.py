"""The token in the plus-address of an invite: it says which meeting and person an answer is about, never who writes.

A token is 10 random bytes and a 16-byte HMAC over them in lower-case base32 (mail servers may change the case of a
local part), so strangers' guesses are refused without a look into the database. Which row a token belongs to is stored.
"""

import base64
import binascii
import hashlib
import hmac

REPLY_ADDRESS = "reply-address"
"""Purpose of the key that signs reply addresses."""
RANDOM_BYTES = 10
MAC_BYTES = 16
KEY_BYTES_MIN = 32
TOKEN_CHARS = 42
"""26 bytes in base32 without padding."""
LOCAL_PART_CHARS_MAX = 64
"""RFC 5321 section 4.5.3.1.1."""

_PURPOSE = b"forloeb answer address 1\x00"
_PADDING = "=" * (-TOKEN_CHARS % 8)


def make_token(random: bytes, *, key: bytes) -> str:
    """The token of these 10 random bytes. ValueError if the bytes or the key have another length than promised."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a token is made of {RANDOM_BYTES} random bytes, not {len(random)}")
    return _base32(random + _mac(random, key))


def verify_token(token: str, *, key: bytes) -> bool:
    """Whether `token` was made with `key`; compared in constant time, whatever the case of its letters."""
    lower = token.lower()
    if len(lower) != TOKEN_CHARS or not lower.isascii():
        return False
    try:
        raw = base64.b32decode(lower.upper() + _PADDING)
    except binascii.Error:
        return False
    random = raw[:RANDOM_BYTES]
    # The whole spelling is compared, not the bytes: the last letter has two spare bits, so four spellings decode alike.
    return hmac.compare_digest(lower.encode(), _base32(random + _mac(random, key)).encode())


def random_half(token: str) -> str:
    """The random bytes of a verified token, in hexadecimal: what names its row, and makes no address by itself."""
    return base64.b32decode(token.upper() + _PADDING)[:RANDOM_BYTES].hex()


def address_with(token: str, *, mailbox: str, domain: str) -> str:
    """The address that an invite names as its organizer, e.g. `invite+<token>@example.org`."""
    local_part = f"{mailbox}+{token}"
    if len(local_part) > LOCAL_PART_CHARS_MAX:
        raise ValueError(f"choose a mailbox name of at most {LOCAL_PART_CHARS_MAX - TOKEN_CHARS - 1} characters")
    return f"{local_part}@{domain}"


def token_in(address: str) -> str | None:
    """The text between the plus and the at sign of an address, in lower case and not yet verified; None without."""
    local_part, at, _domain = address.rpartition("@")
    _mailbox, plus, token = local_part.partition("+")
    return token.lower() if at and plus and token else None


def _mac(random: bytes, key: bytes) -> bytes:
    if len(key) < KEY_BYTES_MIN:
        raise ValueError(f"the key of the answer addresses needs at least {KEY_BYTES_MIN} bytes")
    return hmac.digest(key, _PURPOSE + random, hashlib.sha256)[:MAC_BYTES]


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()
