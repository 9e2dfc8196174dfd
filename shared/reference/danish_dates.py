"""Dates and times as a Danish reader expects them: "tirsdag den 12. januar 2027 kl. 9.00–12.00". Pure formatting."""

from datetime import date, datetime, time
from typing import Final

WEEKDAYS: Final = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
MONTHS: Final = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)


def long_date(day: date) -> str:
    """Return "tirsdag den 12. januar 2027"."""
    return f"{WEEKDAYS[day.weekday()]} den {short_date(day)}"


def short_date(day: date) -> str:
    """Return "12. januar 2027"."""
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def day_and_month(day: date) -> str:
    """Return "12. januar"."""
    return f"{day.day}. {MONTHS[day.month - 1]}"


def month(day: date) -> str:
    """Return "januar 2027"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def clock(moment: time | datetime) -> str:
    """Return "9.00": the hour without a leading zero, a full stop between, as Danish writes it."""
    return f"{moment.hour}.{moment.minute:02}"


def span(start: datetime, end: datetime) -> str:
    """Return "tirsdag den 12. januar 2027 kl. 9.00–12.00", with both dates where the meeting crosses midnight."""
    first = f"{long_date(start)} kl. {clock(start)}"
    if start.date() == end.date():
        return f"{first}–{clock(end)}"
    return f"{first} – {long_date(end)} kl. {clock(end)}"


def week(day: date) -> str:
    """Return "uge 2": the ISO week, as municipal calendars number them."""
    return f"uge {day.isocalendar().week}"
