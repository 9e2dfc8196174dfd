"""From the numbers of a search back to the calendar: the days and wall times that bits of its bitmaps stand for. Pure."""

from datetime import date, timedelta

from services.scheduler.availability import Horizon
from services.scheduler.day_sets import days_with_start
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY, wall_text


def lowest(bits: int) -> int:
    """Number of the lowest bit that is set; -1 where none is."""
    return (bits & -bits).bit_length() - 1


def day_numbers(starts: int, days: int) -> list[int]:
    """The days of the horizon that hold a start of a window bitmap, in order."""
    marks = days_with_start(starts, days).to_bytes(days, "little")
    return [day for day, mark in enumerate(marks) if mark]


def date_at(horizon: Horizon, day: int) -> date:
    return horizon.first + timedelta(days=day)


def wall_at(horizon: Horizon, half_hours: int) -> str:
    """Wall time of a position in a window bitmap."""
    day, half_hour = divmod(half_hours, GRAINS_PER_DAY)
    return wall_text(date_at(horizon, day), half_hour * GRAIN_MINUTES)
