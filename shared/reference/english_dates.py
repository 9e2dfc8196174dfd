"""Dates and times in English with the 24-hour clock: "Tuesday 12 January 2027, 9:00–12:00". Pure formatting."""

from datetime import date, datetime, time
from typing import Final

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def long_date(day: date) -> str:
    """Return "Tuesday 12 January 2027"."""
    return f"{WEEKDAYS[day.weekday()]} {short_date(day)}"


def short_date(day: date) -> str:
    """Return "12 January 2027"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_and_month(day: date) -> str:
    """Return "12 January"."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def month(day: date) -> str:
    """Return "January 2027"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def clock(moment: time | datetime) -> str:
    """Return "9:00": the hour without a leading zero."""
    return f"{moment.hour}:{moment.minute:02}"


def span(start: datetime, end: datetime) -> str:
    """Return "Tuesday 12 January 2027, 9:00–12:00", with both dates where the meeting crosses midnight."""
    first = f"{long_date(start)}, {clock(start)}"
    if start.date() == end.date():
        return f"{first}–{clock(end)}"
    return f"{first} – {long_date(end)}, {clock(end)}"


def week(day: date) -> str:
    """Return "week 2": the ISO week."""
    return f"week {day.isocalendar().week}"
