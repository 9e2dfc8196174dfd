"""Calendar months as "2027-03". Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

MONTH_PATTERN = r"^20[0-9]{2}-(?:0[1-9]|1[0-2])$"


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    return first_day(shifted(month, 1)) - timedelta(days=1)


def shifted(month: str, by: int) -> str:
    """The month so many months later, or earlier where that is negative."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04}-{number + 1:02}"


def months_between(first: str, last: str) -> Iterator[str]:
    """Every month from `first` to `last`, both included."""
    while first <= last:
        yield first
        first = shifted(first, 1)


def days_of(month: str) -> Iterator[date]:
    start = first_day(month)
    for offset in range((last_day(month) - start).days + 1):
        yield start + timedelta(days=offset)
