"""How many minutes of a month a consultant works at all: her hours of each day, less leave and closed days. Pure."""

from collections.abc import Set as AbstractSet
from datetime import date
from functools import lru_cache

from services.scheduler.loads.months import days_of, first_day, last_day
from services.scheduler.roster import RosterFacts
from shared.wall_times import WEEKDAYS, WeekHours, minutes_of_day

INTERVALS_KEPT = 4096
"""Hours of a day whose minutes are remembered: most consultants share a few."""


def available_minutes(facts: RosterFacts, month: str, closed: AbstractSet[date]) -> int:
    """Minutes of working hours; 0 for somebody who takes no courses. Claims and her own calendar do not count."""
    if not facts.active:
        return 0
    begin, end = first_day(month), last_day(month)
    away = [leave for leave in facts.leave if leave.first <= end and begin <= leave.last]
    minutes = 0
    for day in days_of(month):
        if day not in closed and not any(leave.first <= day <= leave.last for leave in away):
            minutes += _minutes(_week_on(facts, day).of(WEEKDAYS[day.weekday()]))
    return minutes


def _week_on(facts: RosterFacts, day: date) -> WeekHours:
    return next((one.hours for one in facts.hours_by_period if one.first <= day <= one.last_day), facts.hours)


@lru_cache(INTERVALS_KEPT)
def _minutes(intervals: tuple[tuple[str, str], ...]) -> int:
    """Minutes that lie in at least one of the intervals."""
    total = until = 0
    for low, high in sorted((minutes_of_day(begin), minutes_of_day(end)) for begin, end in intervals):
        total += max(high - max(low, until), 0)
        until = max(until, high)
    return total
