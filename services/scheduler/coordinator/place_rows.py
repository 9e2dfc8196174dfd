"""The times at which one meeting could be held, for a coordinator to choose from: by day, with what each costs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.scheduler.decision_words import TERMS
from services.scheduler.move_meeting import MeetingPlace
from shared.reference.dates import format_clock, format_date
from shared.words import Language, Words

SHOWN_FIRST: Final = 30
"""So many of the cheapest are shown unless all are asked for."""
SAME: Final = Words(da="ingen forskel", en="no difference")
BETTER: Final = Words(da="bedre", en="better")
WORSE: Final = Words(da="dårligere", en="worse")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """One start. `clock` and `cost` are words; `start` is the value that the form sends."""

    start: str
    clock: str
    cost: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRows:
    day: str
    places: tuple[PlaceRow, ...]


def day_rows(places: Sequence[MeetingPlace], language: Language, *, everything: bool) -> tuple[list[DayRows], int]:
    """The places by day, and how many are left out: of many only the cheapest are shown, and always the present one."""
    shown = set(range(len(places)))
    if not everything and len(places) > SHOWN_FIRST:
        cheapest = sorted(shown, key=lambda number: (places[number].difference, places[number].start))
        shown = {*cheapest[:SHOWN_FIRST], *(number for number in shown if places[number].present)}
    days: dict[str, list[PlaceRow]] = {}
    for number, place in enumerate(places):
        if number in shown:
            days.setdefault(place.start[:10], []).append(_row(place, language))
    rows = [
        DayRows(day=format_date(datetime.fromisoformat(day).date(), language), places=tuple(found))
        for day, found in days.items()
    ]
    return rows, len(places) - len(shown)


def _row(place: MeetingPlace, language: Language) -> PlaceRow:
    moment = datetime.fromisoformat(place.start)
    return PlaceRow(
        start=place.start, clock=format_clock(moment, language), cost=cost_words(place, language), present=place.present
    )


def cost_words(place: MeetingPlace, language: Language) -> str:
    """For instance "dårligere (6): afstand mellem møderne +4, fravalgt ugedag +2"."""
    if not place.terms:
        return SAME.in_language(language)
    parts = ", ".join(
        f"{words.in_language(language)} {place.terms[term]:+d}".replace("-", "\N{MINUS SIGN}")
        for term, words in TERMS.items()
        if term in place.terms
    )
    side = SAME if place.difference == 0 else WORSE if place.difference > 0 else BETTER
    amount = f" ({abs(place.difference)})" if place.difference else ""
    return f"{side.in_language(language)}{amount}: {parts}"
