"""The changes of a course's plan as its history keeps them, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from services.scheduler.own_plan import ADDED
from shared.words import Language, Words

_DROPPED: Final = Words(da="aflyst", en="cancelled")
_JOINED: Final = Words(da="lagt sammen med det næste", en="joined with the next")
_ADDED_AFTER: Final = Words(da="tilføjet efter", en="added after")
_PARTS: Final[Mapping[str, Words]] = {
    "minutes": Words(da="anden længde", en="other length"),
    "place": Words(da="andet sted", en="other place"),
    "gap": Words(da="anden afstand", en="other gap"),
}


def changes_in_words(text: str, meetings: Mapping[str, str], language: Language) -> list[str]:
    """One phrase per change. `meetings` are names by code; one that is known no more goes by its code."""
    return [_in_words(one.split(":"), meetings, language) for one in text.split()]


def _in_words(parts: list[str], meetings: Mapping[str, str], language: Language) -> str:
    change, code, *more = parts
    name = meetings.get(code, code)
    if change == "add" and more:
        kind = next((words for known, words in ADDED.items() if known == more[0]), None)
        added = more[0] if kind is None else kind.in_language(language)
        return f"{added}: {_ADDED_AFTER.in_language(language)} {name}"
    if change == "alter" and more:
        what = [_PARTS[one].in_language(language) for one in more[0].split("+") if one in _PARTS]
        return f"{name}: {', '.join(what)}"
    return f"{name}: {(_JOINED if change == 'join' else _DROPPED).in_language(language)}"
