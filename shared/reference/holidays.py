"""Days on which no meeting is placed: Danish public holidays, fixed dates and ISO weeks that a programme keeps free."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from holidays import country_holidays

MonthDay = tuple[int, int]
"""A date of every year, e.g. (6, 5) for 5 June."""


def public_holidays(first: date, last: date) -> frozenset[date]:
    """Return the Danish public holidays from `first` to `last`, both included (no store bededag after 2023)."""
    years = range(first.year, last.year + 1)
    return frozenset(day for day in country_holidays("DK", years=years) if first <= day <= last)


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
    chosen = (
        day for day in _days(first, last) if (day.month, day.day) in fixed_dates or day.isocalendar().week in weeks
    )
    return public_holidays(first, last).union(chosen)


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
