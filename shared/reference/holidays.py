"""Days on which no meeting is placed: Danish public holidays, fixed dates and ISO weeks that a programme keeps free."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

MonthDay = tuple[int, int]
"""A date of every year, e.g. (6, 5) for 5 June."""


YEARS_KEPT = 64
"""Worked out once: every search for a course, and every receipt, asks for the days of the next year or two."""


def public_holidays(first: date, last: date) -> frozenset[date]:
    """Return the Danish public holidays from `first` to `last`, both included (no store bededag after 2023)."""
    return closed_days(first, last)


def closed_days(
    first: date,
    last: date,
    *,
    fixed_dates: Collection[MonthDay] = (),
    weeks: Collection[int] = (),
) -> frozenset[date]:
    """Return every closed day from `first` to `last`, both included.

    `fixed_dates` are kept free each year although they are no public holidays (5 June, 24 and 31 December);
    `weeks` are ISO week numbers kept free each year (28-31: the summer).
    """
    chosen = frozenset(fixed_dates), frozenset(weeks)
    years = range(first.year, last.year + 1)
    return frozenset(day for year in years for day in _closed_in(year, *chosen) if first <= day <= last)


@lru_cache(YEARS_KEPT)
def _closed_in(year: int, fixed_dates: frozenset[MonthDay], weeks: frozenset[int]) -> frozenset[date]:
    kept_free = (
        day for day in _days_of(year) if (day.month, day.day) in fixed_dates or day.isocalendar().week in weeks
    )
    return frozenset(country_holidays("DK", years=year)).union(kept_free)


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    for offset in range((date(year, 12, 31) - first).days + 1):
        yield first + timedelta(days=offset)
