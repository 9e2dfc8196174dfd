"""Counting working days: Monday to Friday without the days that the programme keeps closed. Pure.

Closed are public holidays, `closed.dates` and `closed.weeks`; school holidays close schools, and nobody's mailbox.
"""

from datetime import date, timedelta

from shared.programme import Programme

SATURDAY = 5
SPAN_DAYS_MAX = 400
_DAY = timedelta(days=1)
_LOOK_DAYS = 40
"""Most counts end within so many days; closed days are looked up for so many at a time."""


def is_working_day(day: date, programme: Programme) -> bool:
    return day.weekday() < SATURDAY and day not in programme.closed_days(day, day)


def working_day_from(day: date, programme: Programme) -> date:
    """The first working day on or after `day`. Raises as `working_days_after`."""
    return working_days_after(day - _DAY, 1, programme)


def working_days_after(day: date, count: int, programme: Programme) -> date:
    """The `count`-th working day after `day`.

    Raises:
        ValueError: there are not so many within 400 days.

    """
    return _counted(day, count, _DAY, programme)


def working_days_before(day: date, count: int, programme: Programme) -> date:
    """The `count`-th working day before `day`. Raises as `working_days_after`."""
    return _counted(day, count, -_DAY, programme)


def _counted(day: date, count: int, step: timedelta, programme: Programme) -> date:
    left = count
    for first in range(1, SPAN_DAYS_MAX, _LOOK_DAYS):
        near, far = day + step * first, day + step * (first + _LOOK_DAYS - 1)
        closed = programme.closed_days(min(near, far), max(near, far))
        for number in range(first, first + _LOOK_DAYS):
            current = day + step * number
            if current.weekday() < SATURDAY and current not in closed:
                left -= 1
            if left <= 0:
                return current
    raise ValueError(f"no {count} working days within {SPAN_DAYS_MAX} days")
