"""Which secrets are none: known defaults, typed texts, one value in two places. A guess at what people do in a hurry; pure."""

import re
from base64 import b64decode
from collections.abc import Mapping
from itertools import pairwise
from typing import Final
from urllib.parse import unquote, urlsplit

SECRET_CHARACTERS_MIN: Final = 32
# So few different characters are typed, not drawn.
DIFFERENT_CHARACTERS_MIN: Final = 8
# What stands in examples and in people's first attempts. Asked for as whole words: random text may hold some of them.
_WORDS: Final = "change|example|secret|password|demo|test|forloeb|default"
_KNOWN_DEFAULT: Final = re.compile(rf"(?:^|[^a-z0-9])(?:{_WORDS})", re.IGNORECASE)
# Secrets that others choose: how long they are is not ours to say, only that they are not what everybody tries first.
FOREIGN_SECRETS: Final = frozenset({"mongodb", "kafka_password", "smtp_password", "intake_imap_password"})
_TRIED_FIRST: Final = re.compile(
    rf"(?:{_WORDS}|admin|root|guest|user|mongo|mongodb|kafka|mail|mailpit|postgres|1234)(?:[-_ ]?(?:me|it|this))?[\d\W_]*",
    re.IGNORECASE,
)
_GUESSABLE: Final = "is a known or guessable value, make a random one"


def weakness(field: str, text: str) -> str | None:
    """What is wrong with the secret of this setting, as the end of a sentence; None where nothing is."""
    if field in FOREIGN_SECRETS:
        password = _password_of(text) if field == "mongodb" else text
        return _GUESSABLE if password and _TRIED_FIRST.fullmatch(password) else None
    if len(text) < SECRET_CHARACTERS_MIN:
        # A key that is too short has been told of already, by its form.
        return (
            None if field == "master_key" else f"is too short, take at least {SECRET_CHARACTERS_MIN} random characters"
        )
    if _KNOWN_DEFAULT.search(text) or len(set(text)) < DIFFERENT_CHARACTERS_MIN:
        return _GUESSABLE
    return _GUESSABLE if field == "master_key" and _is_typed(text) else None


def used_twice(secrets: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of settings with one value: who is given the one would hold the other."""
    first: dict[str, str] = {}
    pairs = []
    for name, text in secrets.items():
        if text in first:
            pairs.append((first[text], name))
        first.setdefault(text, name)
    return pairs


def _is_typed(text: str) -> bool:
    """A key of letters only, or of bytes at even steps: no such one is ever drawn."""
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        return False
    even = len({(after - before) % 256 for before, after in pairwise(key)}) == 1
    return even or all(0x20 <= byte < 0x7F for byte in key)  # noqa: PLR2004 - what can be typed in ASCII


def _password_of(uri: str) -> str:
    try:
        return unquote(urlsplit(uri).password or "")
    except ValueError:
        return ""
