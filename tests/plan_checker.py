"""Says which rules a printed result breaks, from the instance and the result alone: real dates and clocks, none of our code.

Nothing is searched here, so it cannot tell whether a plan is the cheapest; tests/slow_matcher.py does that.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Raw = dict[str, Any]
# A stretch of wall time without zone, half-open.
Stretch = tuple[datetime, datetime]

HALF_HOUR = timedelta(minutes=30)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def faults(instance: Raw, result: Raw) -> list[str]:
    """Everything that is wrong with a plan and its cost; nothing for a result without plan."""
    if result["status"] == "none":
        return [
            f"{key} of nothing"
            for key in ("consultant", "starts", "second", "cost", "terms")
            if result[key] is not None
        ]
    if len(result["starts"]) != len(instance["meetings"]):
        return ["number of starts"]
    return [*_people(instance, result), *_dates(instance, result), *_times(instance, result), *_cost(instance, result)]


def _people(instance: Raw, result: Raw) -> Iterator[str]:
    primary, second = _person(instance, result["consultant"]), _person(instance, result["second"])
    if set(instance["themes"]) - set(primary["themes"]):
        yield "themes"
    for one in (primary, second) if second and _needs_second(instance, to_come=True) else (primary,):
        if one["blocked"]:
            yield f"blocked: {one['id']}"
        if one["active_courses"] >= one["max_courses"]:
            yield f"capacity: {one['id']}"
    if _needs_second(instance, to_come=True):
        if second is None or second is primary:
            yield "no second consultant"
        elif instance["themes"] and not set(instance["themes"]) & set(second["themes"]):
            yield "themes of the second"
    elif result["second"] is not None and not _needs_second(instance, to_come=False):
        yield "a second consultant whom nobody needs"


def _dates(instance: Raw, result: Raw) -> Iterator[str]:
    days = [date.fromisoformat(start[:10]) for start in result["starts"]]
    past = _past(instance)
    if result["starts"][:past] != instance.get("booked", {}).get("starts", [])[:past]:
        yield "a past meeting moved"
    for place in range(max(past, 1), len(days)):
        gap = instance["meetings"][place]["gap_days"]
        if not gap["min"] <= (days[place] - days[place - 1]).days <= gap["max"]:
            yield f"gap before {instance['meetings'][place]['code']}"
    for place in range(past, len(days)):
        meeting = instance["meetings"][place]
        closed = instance["closed_days"] + instance.get("venues", {}).get(meeting["place"], {}).get("closed_days", [])
        if not instance["earliest"] <= str(days[place]) <= instance["latest"]:
            yield f"window: {meeting['code']}"
        if str(days[place]) in closed:
            yield f"closed: {meeting['code']}"


def _times(instance: Raw, result: Raw) -> Iterator[str]:
    primary, second = _person(instance, result["consultant"]), _person(instance, result["second"])
    for place in range(_past(instance), len(result["starts"])):
        meeting, at = instance["meetings"][place], datetime.fromisoformat(result["starts"][place])
        end = at + timedelta(minutes=meeting["minutes"])
        site = instance.get("venues", {}).get(meeting["place"], instance["workplace"])
        if at.minute not in (0, 30):
            yield f"off the half hour: {meeting['code']}"
        if "now" in instance and at < datetime.fromisoformat(instance["now"]):
            yield f"in the past: {meeting['code']}"
        if not _within(site["hours"], at, end):
            yield f"hours of the place: {meeting['code']}"
        if any(_touch((at, end), _stretch(*busy)) for busy in site.get("unavailable", [])):
            yield f"the place is taken: {meeting['code']}"
        for one in (primary, second) if second and meeting.get("co") else (primary,):
            yield from (
                f"{what}: {meeting['code']} of {one['id']}" for what in _of_person(instance, one, meeting, at, end)
            )


def _of_person(instance: Raw, one: Raw, meeting: Raw, at: datetime, end: datetime) -> Iterator[str]:
    claim = at, end
    if meeting["place"] != "online":
        travel = timedelta(minutes=_travel(one, meeting["place"]))
        there = travel + timedelta(minutes=instance["setup_minutes"])
        claim = at - -(-there // HALF_HOUR) * HALF_HOUR, end + -(-travel // HALF_HOUR) * HALF_HOUR
    if not _within(one["hours"], at, end):
        yield "hours"
    if any(_touch(claim, _stretch(*busy)) for busy in one["unavailable"]):
        yield "busy"
    midnight = datetime.combine(at.date(), time())
    low, high = (_clock(midnight, text) for text in instance["travel_hours"])
    if not low <= claim[0] <= claim[1] <= high:
        yield "travel hours"
    zone, seen = ZoneInfo(instance["zone"]), claim[0]
    while seen < claim[1]:
        # A wall time that exists once comes back from UTC as it was, whichever of two readings is asked for.
        readings = {seen.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        if len(readings) != 1 or readings.pop().astimezone(zone).replace(tzinfo=None) != seen:
            yield "clock change"
        seen += HALF_HOUR


def _cost(instance: Raw, result: Raw) -> Iterator[str]:
    primary, second = _person(instance, result["consultant"]), _person(instance, result["second"])
    weights, terms = instance["weights"], result["terms"]
    starts = [datetime.fromisoformat(start) for start in result["starts"]]
    days = [start.date() for start in starts]
    waited = date.fromisoformat(instance["booked"]["starts"][0][:10]) if "booked" in instance else days[0]
    held = [(primary, meeting) for meeting in instance["meetings"]]
    held += [(second, meeting) for meeting in instance["meetings"] if second and meeting.get("co")]
    people = [one for one in (primary, second) if one]
    off = [
        abs((days[place] - days[place - 1]).days - meeting["gap_days"]["ideal"])
        for place, meeting in enumerate(instance["meetings"])
        if place
    ]
    expected = {
        "wait": weights["wait_day"] * max((waited - date.fromisoformat(instance["earliest"])).days, 0),
        "gap": weights["gap_day"] * sum(off),
        "travel": weights["travel_10min"]
        * sum(-(-2 * _travel(one, meeting["place"]) // 10) for one, meeting in held if meeting["place"] != "online"),
        "outside_preferred": weights["outside_preferred"]
        * sum(_outside(instance, *pair) for pair in zip(instance["meetings"], starts, strict=True)),
        "avoided_weekday": weights["avoided_weekday"]
        * sum(WEEKDAYS[day.weekday()] in instance["workplace"]["avoid_weekdays"] for day in days),
        "load": weights["load_tenth"] * sum(10 * one["active_courses"] // max(one["max_courses"], 1) for one in people),
        "no_sector": weights["no_sector"]
        * sum(instance["sector"] is not None and instance["sector"] not in one["sectors"] for one in people),
    }
    yield from (f"{name} is {terms[name]}, not {expected[name]}" for name in expected if terms[name] != expected[name])
    if result["cost"] != sum(terms.values()) or list(terms) != list(expected):
        yield "terms do not add up"


def _outside(instance: Raw, meeting: Raw, at: datetime) -> bool:
    preferred, midnight = instance["workplace"]["preferred_hours"], datetime.combine(at.date(), time())
    if preferred is None:
        return False
    end = at + timedelta(minutes=meeting["minutes"])
    return at < _clock(midnight, preferred[0]) or end > _clock(midnight, preferred[1])


def _needs_second(instance: Raw, *, to_come: bool) -> bool:
    participants, enough = instance.get("participants"), instance.get("co_from_participants")
    if participants is None or enough is None or participants < enough:
        return False
    return any(meeting.get("co") for meeting in instance["meetings"][_past(instance) if to_come else 0 :])


def _past(instance: Raw) -> int:
    starts = instance["booked"]["starts"] if "booked" in instance else ()
    return sum(start is not None and start < instance["now"] for start in starts)


def _person(instance: Raw, name: str | None) -> Any:
    return next((one for one in instance["consultants"] if one["id"] == name), None)


def _travel(one: Raw, place: str) -> int:
    minutes: int = one["travel_minutes"][place] if isinstance(one["travel_minutes"], dict) else one["travel_minutes"]
    return minutes


def _within(hours: Raw, at: datetime, end: datetime) -> bool:
    midnight = datetime.combine(at.date(), time())
    intervals = hours.get(WEEKDAYS[at.weekday()], [])
    return any(_clock(midnight, low) <= at and end <= _clock(midnight, high) for low, high in intervals)


def _stretch(begin: str, end: str) -> Stretch:
    return _clock(_midnight(begin), begin[11:]), _clock(_midnight(end), end[11:])


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text[:10]), time())


def _clock(midnight: datetime, text: str) -> datetime:
    return midnight + timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def _touch(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] and other[0] < one[1]
