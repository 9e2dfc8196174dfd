"""Instances of the file format for tests: the plain one that a test changes, and random ones from a seed."""

from datetime import date, timedelta
from random import Random
from typing import Any

Raw = dict[str, Any]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORK_WEEK = {day: [["08:00", "16:00"]] for day in WEEKDAYS[:5]}
WEIGHTS = {
    "wait_day": 1,
    "gap_day": 2,
    "travel_10min": 1,
    "outside_preferred": 3,
    "avoided_weekday": 3,
    "load_tenth": 2,
    "no_sector": 15,
}


def consultant(**changes: Any) -> Raw:
    """Somebody who can do everything, lives next door and has nothing else to do."""
    return {
        "id": "c001",
        "themes": ["samarbejde", "chikane"],
        "sectors": ["jobcenter"],
        "hours": WORK_WEEK,
        "unavailable": [],
        "travel_minutes": 0,
        "active_courses": 0,
        "max_courses": 8,
        "blocked": False,
    } | changes


def meeting(code: str = "opening", **changes: Any) -> Raw:
    return {"code": code, "minutes": 180, "place": "workplace", "gap_days": None} | changes


def instance(**changes: Any) -> Raw:
    """One meeting of three hours at a workplace that is open on workdays, in the two weeks from Monday 18 January 2027."""
    return {
        "format": "forloeb-match/1",
        "zone": "Europe/Copenhagen",
        "earliest": "2027-01-18",
        "latest": "2027-01-31",
        "closed_days": [],
        "travel_hours": ["06:00", "20:00"],
        "setup_minutes": 0,
        "themes": ["samarbejde"],
        "sector": "jobcenter",
        "workplace": {"hours": WORK_WEEK, "unavailable": [], "preferred_hours": None, "avoid_weekdays": []},
        "meetings": [meeting()],
        "consultants": [consultant()],
        "weights": WEIGHTS,
    } | changes


def workplace(**changes: Any) -> Raw:
    return {"hours": WORK_WEEK, "unavailable": [], "preferred_hours": None, "avoid_weekdays": []} | changes


def random_instance(seed: int, *, days: int, meetings: int, consultants: int, dense: bool = False) -> Raw:
    """A random instance around a clock change, full of near misses; `dense` leaves whole workdays, else a few hours."""
    rng = Random(seed)
    zone, change = rng.choice(
        [
            ("Europe/Copenhagen", date(2027, 3, 28)),
            ("Europe/Copenhagen", date(2027, 10, 31)),
            ("Europe/Copenhagen", date(2027, 2, 1)),
            ("Australia/Lord_Howe", date(2027, 4, 4)),
            ("Asia/Kathmandu", date(2027, 6, 6)),
        ]
    )
    first = change - timedelta(days=rng.randint(0, days))
    last = first + timedelta(days=days - 1)
    venues = {"hall": site(rng, first, days, dense=dense)} if rng.random() < 0.3 else {}
    if venues:
        venues["hall"]["closed_days"] = some_days(rng, first, days)
    people = [person(rng, number, first, days, venues, dense=dense) for number in range(consultants)]
    rng.shuffle(people)
    return {
        "format": "forloeb-match/1",
        "zone": zone,
        "earliest": str(first),
        "latest": str(last if rng.random() < 0.98 else first - timedelta(days=1)),
        "closed_days": some_days(rng, first, days),
        "travel_hours": rng.choice([["06:00", "20:00"], ["00:00", "24:00"], ["07:30", "17:00"]]),
        "setup_minutes": rng.choice([0, 15, 30, 45]),
        "themes": rng.sample(["a", "b"], rng.randint(0, 2)),
        "sector": rng.choice(["x", "y", None]),
        "workplace": site(rng, first, days, dense=dense)
        | {
            "preferred_hours": rng.choice([None, ["09:00", "15:00"], ["10:15", "13:00"]]),
            "avoid_weekdays": rng.sample(WEEKDAYS, rng.randint(0, 3)),
        },
        "venues": venues,
        "meetings": [sitting(rng, place, venues, days // meetings) for place in range(meetings)],
        "consultants": people,
        "weights": {name: rng.choice([0, 1, 1, 2, 5]) for name in WEIGHTS},
    }


def with_ties(raw: Raw, seed: int) -> Raw:
    """The same with next to nothing to pay, and a double of somebody, so that many plans cost the same."""
    rng = Random(seed)
    twin = rng.choice(raw["consultants"])
    people = [*raw["consultants"], twin | {"id": rng.choice(["C", "c0", "d", "ø"])}]
    rng.shuffle(people)
    return raw | {"consultants": people, "weights": {name: rng.choice([0, 0, 1]) for name in WEIGHTS}}


def with_second(raw: Raw, seed: int) -> Raw:
    """The same with participants for a second consultant, at some meetings; now and then one person too few."""
    rng = Random(seed)
    meetings = [meeting | {"co": rng.random() < 0.6} for meeting in raw["meetings"]]
    return raw | {"meetings": meetings, "participants": rng.choice([60, 60, 60, 90, 59]), "co_from_participants": 60}


def person(rng: Random, number: int, first: date, days: int, venues: Raw, *, dense: bool) -> Raw:
    travel = rng.choice([0, 20, 45, 75, 150])
    return {
        "id": f"c{number:03}",
        "themes": rng.choice([["a", "b"], ["a", "b"], ["b", "a", "c"], ["a"]]),
        "sectors": rng.choice([[], ["x"], ["y", "x"]]),
        "hours": week(rng, dense=dense),
        "unavailable": busy(rng, first, days),
        "travel_minutes": {"workplace": travel, "hall": rng.choice([0, 60])} if venues else travel,
        "active_courses": rng.randint(0, 3),
        "max_courses": rng.choice([3, 4, 7]),
        "blocked": rng.random() < 0.1,
    }


def sitting(rng: Random, place: int, venues: Raw, reach: int) -> Raw:
    low = rng.randint(1, 3)
    ideal = low + rng.randint(0, max(reach - 2, 1))
    gap = {"min": low, "ideal": ideal, "max": ideal + rng.randint(0, 4)}
    return {
        "code": f"m{place}",
        "minutes": rng.choice([30, 60, 90, 180]),
        "place": rng.choice(["workplace", "workplace", "online", *venues]),
        "gap_days": gap if place else None,
    }


def site(rng: Random, first: date, days: int, *, dense: bool) -> Raw:
    return {"hours": week(rng, dense=dense), "unavailable": busy(rng, first, days)}


def week(rng: Random, *, dense: bool) -> Raw:
    """Working hours: whole days when dense, else a few short intervals, some adjacent, overlapping or in the night."""
    if dense:
        return {day: [["08:00", "16:00"]] for day in WEEKDAYS if rng.random() < 0.8}
    choices = [
        [["09:00", "12:00"]],
        [["08:00", "10:00"], ["10:00", "12:30"]],
        [["08:00", "10:15"], ["09:30", "12:00"]],
        [["00:00", "04:00"]],
        [["01:00", "03:30"], ["22:00", "24:00"]],
        [["10:10", "13:50"]],
    ]
    return {day: rng.choice(choices) for day in WEEKDAYS if rng.random() < 0.8}


def busy(rng: Random, first: date, days: int) -> list[list[str]]:
    """Appointments and leave, some off the half hour, some over midnight, some outside the window."""
    found = []
    for _ in range(rng.randint(0, max(days // 3, 3))):
        day = first + timedelta(days=rng.randint(-2, days + 1))
        begin = rng.randrange(0, 23 * 60, 5)
        end = begin + rng.choice([10, 30, 90, 300])
        until, end = (day, min(end, 24 * 60)) if rng.random() < 0.9 else (day + timedelta(days=2), 12 * 60)
        found.append([f"{day}T{clock(begin)}", f"{until}T{clock(end)}"])
    return found


def some_days(rng: Random, first: date, days: int) -> list[str]:
    return [str(first + timedelta(days=rng.randrange(days))) for _ in range(rng.randint(0, days // 6))]


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def with_booked(raw: Raw, seed: int, found: Raw | None = None) -> Raw:
    """The same as a course to repair, now at any time around it: booked as `found` says, else anywhere.

    Since it was booked something has come up: for the consultant, for the workplace, or for both.
    """
    rng = Random(seed)
    first = date.fromisoformat(raw["earliest"])
    days = (date.fromisoformat(raw["latest"]) - first).days
    names = [one["id"] for one in raw["consultants"]] + ["gone"]
    consultant, second = rng.sample(names, 2)
    if found and found["starts"] and rng.random() < 0.9:
        consultant, starts = found["consultant"], found["starts"]
        second = found["second"] or second
        if second == consultant or rng.random() < 0.1:
            second = None
        raw = _disturbed(raw, rng, consultant, starts)
    else:
        starts = _anywhere(raw["meetings"], rng, first)
    now = first + timedelta(days=rng.randint(-2, max(days, 0) + 2) if rng.random() < 0.7 else 0)
    # After the hours that a clock change may skip.
    now_at = f"{now}T{clock(rng.randrange(4 * 60, 24 * 60, 15))}"
    return raw | {"booked": {"consultant": consultant, "second": second, "starts": starts}, "now": now_at}


def with_tailored(raw: Raw, seed: int) -> Raw:
    """A course to repair whose plan was changed since: meetings still to come were dropped, or added and have no start yet."""
    rng = Random(seed)
    meetings, starts = list(raw["meetings"]), list(raw["booked"]["starts"])
    for place in reversed(range(len(meetings))):
        if starts[place] < raw["now"]:
            break
        if place and rng.random() < 0.4:
            starts[place] = None
        elif len(meetings) > 1 and rng.random() < 0.3:
            del meetings[place], starts[place]
    starts[0] = starts[0] or raw["booked"]["starts"][0]
    meetings[0] = meetings[0] | {"gap_days": None}
    return raw | {"meetings": meetings, "booked": raw["booked"] | {"starts": starts}}


def _anywhere(meetings: list[Raw], rng: Random, first: date) -> list[str]:
    starts, day = [], first + timedelta(days=rng.randint(-3, 3))
    for one in meetings:
        gap = one["gap_days"]
        if gap:
            day += timedelta(days=rng.randint(gap["min"], gap["max"]) if rng.random() < 0.9 else rng.randint(1, 9))
        starts.append(f"{day}T{clock(rng.choice([0, 60, 510, 540, 570, 600, 630, 660, 720, 1320]))}")
    return starts


def _disturbed(raw: Raw, rng: Random, consultant: str, starts: list[str]) -> Raw:
    at = rng.choice(starts)
    day = date.fromisoformat(at[:10])
    taken = rng.choice(
        [
            [at, f"{at[:10]}T24:00"],
            [f"{day}T00:00", f"{day + timedelta(days=2)}T24:00"],
            [f"{day - timedelta(days=3)}T00:00", f"{day}T24:00"],
        ]
    )
    people = raw["consultants"]
    if rng.random() < 0.6:
        people = [
            one | {"unavailable": [*one["unavailable"], taken]} if one["id"] == consultant else one for one in people
        ]
    if rng.random() < 0.1:
        people = [one | {"blocked": one["blocked"] or one["id"] == consultant} for one in people]
    place = raw["workplace"]
    if rng.random() < 0.3:
        place = place | {"unavailable": [*place["unavailable"], taken]}
    return raw | {"consultants": people, "workplace": place}
