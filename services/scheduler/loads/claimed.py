"""Which half hours of a consultant courses have taken, by month, course and local day; what is past stays known. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from services.scheduler.grains import instant_of, parse_claim_key, wall_of
from services.scheduler.loads.months import month_of

Days = Mapping[str, int]
"""Half hours by local day, written "2027-03-05"."""
ByCourse = dict[str, dict[str, int]]
"""Half hours by course and local day."""
ByMonth = dict[tuple[str, str], ByCourse]
"""The same by month and consultant."""


def claimed_by_month(held: Mapping[str, Mapping[str, Iterable[str]]], zone: ZoneInfo) -> ByMonth:
    """Sort claim keys, given by consultant and course; keys of places for courses take no time."""
    found: ByMonth = {}
    # Many keys name the same half hour: each is worked out once.
    places: dict[str, tuple[str, str]] = {}
    for consultant_id, courses in held.items():
        for course_id, keys in courses.items():
            for key in keys:
                _, mark, half_hour = key.rpartition("|")
                if not mark:
                    continue
                place = places.get(half_hour)
                if place is None:
                    day, _ = wall_of(instant_of(parse_claim_key(key)[1]), zone)
                    place = places[half_hour] = month_of(day), day.isoformat()
                days = found.setdefault((place[0], consultant_id), {}).setdefault(course_id, {})
                days[place[1]] = days.get(place[1], 0) + 1
    return found


def kept(recorded: Mapping[str, Days], claimed: Mapping[str, Days], today: date) -> ByCourse:
    """What a month holds now: from today on what is claimed, before today also what was recorded.

    A course that ends lets its claims go, and the time that it took stays. One that is called off or moved gives back only
    what had not yet come.
    """
    merged: ByCourse = {}
    for course_id in sorted({*recorded, *claimed}):
        past = {day: count for day, count in recorded.get(course_id, {}).items() if day < today.isoformat()}
        days = {**past, **claimed.get(course_id, {})}
        if days:
            merged[course_id] = dict(sorted(days.items()))
    return merged
