"""Passwords of staff: kept as Argon2id (RFC 9106) only, and refused where they are what everybody tries first. Pure."""

import hashlib
import re
import unicodedata
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

PASSWORD_CHARACTERS_MIN: Final = 12
PASSWORD_CHARACTERS_MAX: Final = 200
"""Above, nobody types it; whoever sends it wants to keep us busy."""
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
# Above the least that OWASP asks for (19 MiB, twice): some 60 ms of one core, and little enough memory for two at once in a container.
MEMORY_KIB: Final = 32 * 1024
PASSES: Final = 3
LANES: Final = 1
DIFFERENT_CHARACTERS_MIN: Final = 5
LETTERS_OF_ITS_OWN_MIN: Final = 4
# Longer words before those that begin them.
_TRIED_FIRST: Final = re.compile(
    "abcdefghijkl|adgangskode|administrator|admission|admin|asdfghjkl|changeme|danmark|default|drift|forløb|forloeb|"
    "hejmeddig|hemmelig|iloveyou|juleaften|kodeord|kommune|konsulent|koordinator|letmein|login|operator|password|"
    "passord|qwertyuiop|qwerty|secret|spark|staff|test|user|velkommen|welcome|zxcvbnm|abc|"
    "januar|februar|marts|april|juni|juli|august|september|oktober|november|december|"
    "mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag|forår|sommer|efterår|vinter|summer|winter"
)


def hash_password(password: str, *, salt: bytes) -> str:
    """The hash as it is kept, with its parameters, as a PHC string. `salt` is drawn at random for each."""
    kdf = Argon2id(salt=salt, length=HASH_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return kdf.derive_phc_encoded(_bytes(password))


def matches(password: str, password_hash: str) -> bool:
    """Whether this is the password; takes the time and the memory that the hash was made with."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), password_hash)
    except InvalidKey:
        return False
    return True


def is_hash(text: str) -> bool:
    """Whether it has the form of what `hash_password` gives."""
    numbers = r"m=\d{1,7},t=\d{1,3},p=\d{1,2}"
    return (
        re.fullmatch(rf"\$argon2id\$v=19\${numbers}\$[A-Za-z0-9+/]{{22,86}}\$[A-Za-z0-9+/]{{22,172}}", text) is not None
    )


def fingerprint(password_hash: str) -> str:
    """Stands in a session, which ends when the password changes; tells nothing about it."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:32]


def password_weakness(password: str, *, account: str) -> str | None:
    """Why this is no password to take, as the end of a sentence; None where it may be taken.

    Length counts, and what everybody tries first is refused; no rule asks for digits or signs (NIST SP 800-63B 3.1.1.2).
    """
    if len(password) < PASSWORD_CHARACTERS_MIN:
        return f"is too short: take at least {PASSWORD_CHARACTERS_MIN} characters, for example four words"
    if len(password) > PASSWORD_CHARACTERS_MAX:
        return f"is longer than {PASSWORD_CHARACTERS_MAX} characters"
    plain = unicodedata.normalize("NFC", password).lower()
    if len(set(plain)) < DIFFERENT_CHARACTERS_MIN:
        return "has too few different characters"
    own = _TRIED_FIRST.sub("", plain.replace(account, ""))
    if sum(letter.isalpha() for letter in own) < LETTERS_OF_ITS_OWN_MIN:
        return "is made of what everybody tries first: names, common words, months and digits"
    return None


def _bytes(password: str) -> bytes:
    # The same letters, however a keyboard puts them together (NIST SP 800-63B 3.1.1.2).
    return unicodedata.normalize("NFC", password).encode()
