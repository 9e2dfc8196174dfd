"""Counting working days: Monday to Friday without the days that the programme keeps closed. Pure.

Closed are public holidays, `closed.dates` and `closed.weeks`; school holidays close schools, and nobody's mailbox.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from shared.programme import Programme
from shared.programme_parts import Closed
from shared.reference.holidays import closed_days

SATURDAY: Final = 5
SPAN_DAYS_MAX: Final = 400
_LOOK_DAYS: Final = 40
"""Most counts end within so many days; closed days are looked up for so many at a time."""
_COUNTS_KEPT: Final = 10_000
"""The same days are counted again and again, by every look at every course."""


def is_working_day(day: date, programme: Programme) -> bool:
    return working_day_from(day, programme) == day


def working_day_from(day: date, programme: Programme) -> date:
    """The first working day on or after `day`. Raises as `working_days_after`."""
    return working_days_after(day - timedelta(days=1), 1, programme)


def working_days_after(day: date, count: int, programme: Programme) -> date:
    """The `count`-th working day after `day`.

    Raises:
        ValueError: there are not so many within 400 days.

    """
    return _counted(day, count, 1, programme.closed.dates, programme.closed.weeks)


def working_days_before(day: date, count: int, programme: Programme) -> date:
    """The `count`-th working day before `day`. Raises as `working_days_after`."""
    return _counted(day, count, -1, programme.closed.dates, programme.closed.weeks)


@lru_cache(_COUNTS_KEPT)
def _counted(day: date, count: int, direction: int, dates: tuple[str, ...], weeks: tuple[int, ...]) -> date:
    left, fixed = count, Closed(dates=dates).month_days()
    for first in range(1, SPAN_DAYS_MAX, _LOOK_DAYS):
        looked_at = [day + timedelta(days=direction * (first + number)) for number in range(_LOOK_DAYS)]
        closed = closed_days(min(looked_at), max(looked_at), fixed_dates=fixed, weeks=weeks)
        for current in looked_at:
            if current.weekday() < SATURDAY and current not in closed:
                left -= 1
            if left <= 0:
                return current
    raise ValueError(f"no {count} working days within {SPAN_DAYS_MAX} days")
