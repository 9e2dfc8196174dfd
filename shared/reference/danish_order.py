"""Alphabetical order as a Danish reader expects it: æ, ø and å come last, and "aa" is read as å."""

from typing import Final

_LAST_LETTERS: Final = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c"})
"""`{` is the character after `z`, so these sort behind every other letter."""


def danish_key(text: str) -> str:
    """Return a sort key, e.g. `sorted(names, key=danish_key)` puts Aabenraa, Aalborg and Aarhus at the end."""
    return text.casefold().replace("aa", "å").translate(_LAST_LETTERS)
