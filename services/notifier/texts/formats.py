"""How times and people are written in mails, by the names that templates call them with. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.notifier.fact_parts import Function
from shared.reference.dates import format_clock, format_date, format_span, format_week
from shared.words import Language


def N_(text: str) -> str:  # noqa: N802 - the name of the mark that the catalogue's tool looks for
    """Mark a text that is translated where it is shown."""
    return text


FUNCTIONS: Final[Mapping[Function, str]] = {
    "leader": N_("manager"),
    "employee": N_("employee representative"),
    "other": N_("participant"),
    "consultant": N_("consultant"),
}


def formats(language: Language, translate: Callable[[str], str]) -> dict[str, Any]:
    """What templates may call, beside the facts of their kind."""
    return {
        "span": lambda meeting: format_span(meeting["starts"], meeting["ends"], language),
        "day": lambda date_or_time: format_date(_date(date_or_time), language),
        "week": lambda date_or_time: format_week(_date(date_or_time), language),
        "moment": lambda at: _moment(at, language),
        "function": lambda person: translate(FUNCTIONS[person["function"]]),
        "uncapitalised": uncapitalised,
        "capitalised": lambda text: text[:1].upper() + text[1:],
    }


def uncapitalised(label: str) -> str:
    """A label in the middle of a sentence; an abbreviation at its beginning keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _moment(at: datetime, language: Language) -> str:
    """A wall time with its date."""
    clock, day = format_clock(at, language), format_date(at.date(), language)
    return f"{day} kl. {clock}" if language == "da" else f"{clock} on {day}"
