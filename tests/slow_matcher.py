"""A slow matcher that is obviously right: plain minutes and loops over the raw instance, no bitmap, none of our code."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

Raw = dict[str, Any]
Chain = tuple[int, ...]
Starts = list[list[int]]

DAY = 24 * 60
RULES = ("hours", "closed", "busy", "travel")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TERMS = ("wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector")


def solve(instance: Raw, *, enumerate_all: bool = False) -> Raw:
    """The result object with all others; by trying every chain, or by keeping the best rest of each start."""
    verdicts = [judge(instance, one, enumerate_all=enumerate_all) for one in instance["consultants"]]
    plans = [verdict for verdict in verdicts if verdict["status"] == "feasible"]
    winner = min(plans, key=lambda plan: (plan["cost"], plan["starts"], plan["id"]), default=None)
    return {
        "status": "found" if winner else "none",
        "consultant": winner and winner["id"],
        "starts": winner and winner["starts"],
        "second": None,
        "cost": winner and winner["cost"],
        "terms": winner and winner["terms"],
        "others": [
            {key: value for key, value in verdict.items() if key != "starts"}
            for verdict in verdicts
            if verdict is not winner
        ],
    }


def judge(instance: Raw, one: Raw, *, enumerate_all: bool) -> Raw:
    """Everything that is to be said of one consultant."""
    rule, detail, starts = refusal(instance, one)
    if rule:
        return {"id": one["id"], "status": "infeasible", "rule": rule, "detail": detail}
    chosen = best_of_all(instance, one, starts) if enumerate_all else best_by_rest(instance, starts)
    terms = terms_of(instance, one, chosen)
    return {
        "id": one["id"],
        "status": "feasible",
        "cost": sum(terms.values()),
        "terms": terms,
        "starts": [f"{date.fromordinal(at // DAY)}T{at % DAY // 60:02}:{at % 60:02}" for at in chosen],
    }


def refusal(instance: Raw, one: Raw) -> tuple[str | None, Any, Starts]:
    """(rule, detail, nothing), or (None, None, the starts of each meeting, in wall minutes)."""
    missing = [theme for theme in instance["themes"] if theme not in one["themes"]]
    by_person = [
        ("blocked", None, one["blocked"]),
        ("themes", missing, bool(missing)),
        ("capacity", None, one["active_courses"] >= one["max_courses"]),
        ("window", None, instance["earliest"] > instance["latest"]),
    ]
    for rule, detail, broken in by_person:
        if broken:
            return rule, detail, []
    first, last = day_number(instance["earliest"]), day_number(instance["latest"])
    every = [day * DAY + minute for day in range(first, last + 1) for minute in range(0, DAY, 30)]
    starts = [every for _ in instance["meetings"]]
    for rule in RULES:
        for place, meeting in enumerate(instance["meetings"]):
            starts[place] = [at for at in starts[place] if obeys(rule, instance, one, meeting, at)]
            if not starts[place]:
                return rule, meeting["code"], []
    reached = {at // DAY for at in starts[0]}
    for place, meeting in enumerate(instance["meetings"][1:], 1):
        gap = meeting["gap_days"]
        days = {at // DAY for at in starts[place]}
        reached = {day for day in days if any(gap["min"] <= day - before <= gap["max"] for before in reached)}
        if not reached:
            return "gaps", meeting["code"], []
    return None, None, starts


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
    low, high = (day_number(text[:10]) * DAY + minutes(text[11:]) for text in busy)
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


def terms_of(instance: Raw, one: Raw, chosen: Chain) -> dict[str, int]:
    """The cost of a plan by term, straight from its definition."""
    weights, days = instance["weights"], [at // DAY for at in chosen]
    meetings, preferred = instance["meetings"], instance["workplace"]["preferred_hours"]
    gaps = [days[place] - days[place - 1] - meetings[place]["gap_days"]["ideal"] for place in range(1, len(days))]
    on_site = [meeting["place"] for meeting in meetings if meeting["place"] != "online"]
    avoided = [WEEKDAYS.index(day) for day in instance["workplace"]["avoid_weekdays"]]
    outside = 0
    for meeting, at in zip(meetings, chosen, strict=True):
        begin = at % DAY
        if preferred:
            outside += not (minutes(preferred[0]) <= begin and begin + meeting["minutes"] <= minutes(preferred[1]))
    foreign = instance["sector"] is not None and instance["sector"] not in one["sectors"]
    values = (
        weights["wait_day"] * (days[0] - day_number(instance["earliest"])),
        weights["gap_day"] * sum(abs(gap) for gap in gaps),
        weights["travel_10min"] * sum(-(-2 * travel_of(one, place) // 10) for place in on_site),
        weights["outside_preferred"] * outside,
        weights["avoided_weekday"] * sum(date.fromordinal(day).weekday() in avoided for day in days),
        weights["load_tenth"] * (10 * one["active_courses"] // one["max_courses"]),
        weights["no_sector"] * foreign,
    )
    return dict(zip(TERMS, values, strict=True))


def best_of_all(instance: Raw, one: Raw, starts: Starts) -> Chain:
    """The best plan by trying every chain of starts there is."""
    chains: list[Chain] = [(at,) for at in starts[0]]
    for place, meeting in enumerate(instance["meetings"][1:], 1):
        gap = meeting["gap_days"]
        chains = [
            (*chain, at)
            for chain in chains
            for at in starts[place]
            if gap["min"] <= at // DAY - chain[-1] // DAY <= gap["max"]
        ]
    return min(chains, key=lambda chain: (sum(terms_of(instance, one, chain).values()), chain))


def best_by_rest(instance: Raw, starts: Starts) -> Chain:
    """The best plan from the last meeting backwards: of each start the cheapest, then earliest, rest."""
    meetings, weights = instance["meetings"], instance["weights"]
    rests: dict[int, tuple[int, Chain]] = {}
    for place in range(len(meetings) - 1, -1, -1):
        following = rests
        rests = {}
        for at in starts[place]:
            own = lone_cost(instance, meetings[place], at)
            if place == len(meetings) - 1:
                rests[at] = (own, (at,))
                continue
            gap = meetings[place + 1]["gap_days"]
            options = []
            for later, (cost, chain) in following.items():
                days = later // DAY - at // DAY
                if gap["min"] <= days <= gap["max"]:
                    options.append((own + weights["gap_day"] * abs(days - gap["ideal"]) + cost, (at, *chain)))
            if options:
                rests[at] = min(options)
    first = day_number(instance["earliest"])
    return min((cost + weights["wait_day"] * (at // DAY - first), chain) for at, (cost, chain) in rests.items())[1]


def lone_cost(instance: Raw, meeting: Raw, at: int) -> int:
    preferred, weights = instance["workplace"]["preferred_hours"], instance["weights"]
    avoided = WEEKDAYS[date.fromordinal(at // DAY).weekday()] in instance["workplace"]["avoid_weekdays"]
    end = at % DAY + meeting["minutes"]
    outside = preferred and not (minutes(preferred[0]) <= at % DAY and end <= minutes(preferred[1]))
    return weights["avoided_weekday"] * avoided + weights["outside_preferred"] * bool(outside)
