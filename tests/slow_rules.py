"""The rules of place and time for one start, of the slow matcher: wall minutes counted from day 1 of the calendar, plain loops."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

Raw = dict[str, Any]

DAY = 24 * 60
RULES = ("hours", "closed", "busy", "travel")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TERMS = ("wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector")


def obeys(rule: str, instance: Raw, one: Raw, meeting: Raw, at: int) -> bool:
    """Whether a start (wall minutes) obeys one rule."""
    place, end = meeting["place"], at + meeting["minutes"]
    site = instance.get("venues", {}).get(place, instance["workplace"])
    before, after = margins(instance, one, place)
    if rule == "hours":
        fits = inside(one["hours"], at, end) and inside(site["hours"], at, end)
        return fits and not unsteady(instance["zone"], at, end)
    if rule == "closed":
        return str(date.fromordinal(at // DAY)) not in instance["closed_days"] + site.get("closed_days", [])
    if rule == "busy":
        return not any(meets(busy, at - before, end + after) for busy in one["unavailable"]) and not any(
            meets(busy, at, end) for busy in site.get("unavailable", [])
        )
    low, high = (at // DAY * DAY + minutes(text) for text in instance["travel_hours"])
    return low <= at - before and end + after <= high and not unsteady(instance["zone"], at - before, end + after)


def margins(instance: Raw, one: Raw, place: str) -> tuple[int, int]:
    """Claimed minutes before and after."""
    if place == "online":
        return 0, 0
    travel = travel_of(one, place)
    return -(-(travel + instance["setup_minutes"]) // 30) * 30, -(-travel // 30) * 30


def travel_of(one: Raw, place: str) -> int:
    travel = one["travel_minutes"]
    return travel[place] if isinstance(travel, dict) else travel


def inside(hours: Raw, at: int, end: int) -> bool:
    day = at // DAY * DAY
    intervals = hours.get(WEEKDAYS[date.fromordinal(at // DAY).weekday()], [])
    return any(day + minutes(low) <= at and end <= day + minutes(high) for low, high in intervals)


def meets(busy: list[str], at: int, end: int) -> bool:
    low, high = (wall_minutes(text) for text in busy)
    return low < end and at < high


@cache
def unsteady(zone: str, at: int, end: int) -> bool:
    """Whether a stretch of wall time touches a half hour that a clock change skips or repeats."""
    return any(changes(zone, minute) for minute in range(at, end, 30))


@cache
def changes(zone: str, minute: int) -> bool:
    midnight = datetime.combine(date.fromordinal(minute // DAY), datetime.min.time(), tzinfo=UTC)
    wall = (midnight + timedelta(minutes=minute % DAY)).replace(tzinfo=ZoneInfo(zone))
    return wall.utcoffset() != wall.replace(fold=1).utcoffset()


@cache
def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@cache
def day_number(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@cache
def wall_minutes(text: str) -> int:
    return day_number(text[:10]) * DAY + minutes(text[11:])
