"""Counting working days: Monday to Friday without the days that the programme keeps closed. Pure."""

from datetime import date, timedelta

from shared.programme import Programme

SATURDAY = 5
SPAN_DAYS_MAX = 400


def working_days_after(day: date, count: int, programme: Programme) -> date:
    """The `count`-th working day after `day`.

    Raises:
        ValueError: there are not so many within 400 days.

    """
    closed = programme.closed_days(day, day + timedelta(days=SPAN_DAYS_MAX))
    left = count
    for ahead in range(1, SPAN_DAYS_MAX):
        current = day + timedelta(days=ahead)
        if current.weekday() < SATURDAY and current not in closed:
            left -= 1
        if left <= 0:
            return current
    raise ValueError(f"no {count} working days within {SPAN_DAYS_MAX} days")
