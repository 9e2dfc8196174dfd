"""A workplace as a keyed hash: enough to see that an application comes from a blocked one, not to tell which one it is. Pure."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from shared.events import Workplace

BLOCKED_WORKPLACE = "blocked-workplace"
"""Purpose of the key that hashes workplaces. With another link secret the hashes match nothing: blocks are then to be entered anew."""
HASH_HEX_DIGITS = 32
HASH_PATTERN = rf"^[0-9a-f]{{{HASH_HEX_DIGITS}}}$"


def workplace_hash(key: bytes, name: str, postal_code: str) -> str:
    """HMAC-SHA-256 over name and postal code, cut to 128 bits.

    Case, blanks, punctuation and ways of composing letters make no difference: "Jobcenter Nord" is "JOBCENTER-NORD".
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(sign for sign in unicodedata.normalize("NFC", folded) if sign.isalnum())
    text = f"{plain}\n{postal_code.strip()}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:HASH_HEX_DIGITS]


def hashes_of(workplaces: Iterable[Workplace], key: bytes) -> frozenset[str]:
    """The hashes of an application's workplaces."""
    return frozenset(workplace_hash(key, one.name, one.postal_code) for one in workplaces)
