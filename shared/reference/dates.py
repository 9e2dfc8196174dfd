"""Dates and times in the reader's language; an unknown language is read as Danish, the language of the service."""

from datetime import date, datetime, time
from types import ModuleType

from shared.reference import danish_dates, english_dates


def format_span(start_wall: datetime, end_wall: datetime, language: str) -> str:
    """Return date and clock times of a meeting, e.g. "tirsdag den 12. januar 2027 kl. 9.00–12.00".

    Both are aware and already in the zone whose clock the reader looks at; nothing is converted here.
    """
    for wall in (start_wall, end_wall):
        if wall.tzinfo is None:
            raise ValueError("a wall time needs its zone: the meeting's own, e.g. Europe/Copenhagen")
    text: str = _words(language).span(start_wall, end_wall)
    return text


def format_date(day: date, language: str) -> str:
    """Return the date with its weekday, e.g. "tirsdag den 12. januar 2027"."""
    text: str = _words(language).long_date(day)
    return text


def format_short_date(day: date, language: str) -> str:
    """Return the date without its weekday, e.g. "12. januar 2027"."""
    text: str = _words(language).short_date(day)
    return text


def format_day_and_month(day: date, language: str) -> str:
    """Return the date without weekday and year, e.g. "12. januar": for dates of one course."""
    text: str = _words(language).day_and_month(day)
    return text


def format_month(day: date, language: str) -> str:
    """Return the month and its year, e.g. "januar 2027"."""
    text: str = _words(language).month(day)
    return text


def weekday_names(language: str) -> tuple[str, ...]:
    """Return the names of the weekdays, Monday first, e.g. "mandag"."""
    names: tuple[str, ...] = _words(language).WEEKDAYS
    return names


def format_clock(moment: time | datetime, language: str) -> str:
    """Return the clock time, e.g. "9.00" in Danish and "9:00" in English."""
    text: str = _words(language).clock(moment)
    return text


def format_week(day: date, language: str) -> str:
    """Return the ISO week, e.g. "uge 2"."""
    text: str = _words(language).week(day)
    return text


def _words(language: str) -> ModuleType:
    return english_dates if language == "en" else danish_dates
