"""A slow matcher that is obviously right: plain minutes and loops over the raw instance, no bitmap, none of our code.

It tries every pair of consultants, and either every chain of starts or, of each start, the best rest.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.slow_rules import (
    DAY,
    RULES,
    TERMS,
    WEEKDAYS,
    Raw,
    day_number,
    minutes,
    obeys,
    travel_of,
    wall_minutes,
)

Chain = tuple[int, ...]
Starts = list[list[int]]
# (meetings moved, cost of the dates), then the chain itself breaks ties.
Best = tuple[tuple[int, int], Chain]


def solve(instance: Raw, *, enumerate_all: bool = False) -> Raw:
    """The result object with all others; by trying every chain, or by keeping the best rest of each start."""
    verdicts = [judge(instance, one, enumerate_all=enumerate_all) for one in instance["consultants"]]
    plans = [verdict for verdict in verdicts if verdict["status"] == "feasible"]
    winner = min(plans, key=lambda plan: plan["rank"], default=None)
    return {
        "status": "found" if winner else "none",
        "consultant": winner and winner["id"],
        "starts": winner and winner["starts"],
        "second": winner and winner["second"],
        "cost": winner and winner["cost"],
        "terms": winner and winner["terms"],
        "others": [
            {key: value for key, value in verdict.items() if key not in ("starts", "rank", "second")}
            for verdict in verdicts
            if verdict is not winner
        ],
    }


def judge(instance: Raw, one: Raw, *, enumerate_all: bool) -> Raw:
    """Everything that is to be said of one consultant as the primary one."""
    rule, detail, starts = refusal(instance, one)
    if rule:
        return {"id": one["id"], "status": "infeasible", "rule": rule, "detail": detail}
    best: Callable[[Raw, Starts], Best | None] = best_of_all if enumerate_all else best_by_rest
    if not needs_second(instance):
        found = best(instance, starts)
        assert found
        return plan(instance, one, None, found)
    partners = [other for other in instance["consultants"] if other is not one and may_be_second(instance, other)]
    joint = [(other, joined(instance, other, starts)) for other in partners]
    options = [plan(instance, one, other, found) for other, both in joint if (found := best(instance, both))]
    if options:
        return min(options, key=lambda option: option["rank"])
    alone = [
        meeting["code"]
        for place, meeting in enumerate(coming(instance))
        if meeting.get("co") and not any(both[place] for _, both in joint)
    ]
    return {"id": one["id"], "status": "infeasible", "rule": "second", "detail": alone[0] if alone else None}


def plan(instance: Raw, one: Raw, other: Raw | None, found: Best) -> Raw:
    (moved, _), chosen = found
    chain = (*past(instance), *chosen)
    second = other["id"] if other else None
    if needs_second(instance, of_all=True) and not needs_second(instance):
        # All meetings with her are past: she stays who she was.
        second = instance["booked"]["second"]
        other = next((known for known in instance["consultants"] if known["id"] == second), None)
    terms = terms_of(instance, one, other, chain)
    booked = instance.get("booked") or {"consultant": one["id"], "second": second}
    changed = (one["id"] != booked["consultant"]) + (second != booked["second"])
    return {
        "id": one["id"],
        "status": "feasible",
        "cost": sum(terms.values()),
        "terms": terms,
        "starts": [f"{date.fromordinal(at // DAY)}T{at % DAY // 60:02}:{at % 60:02}" for at in chain],
        "second": second,
        "rank": (moved, changed, sum(terms.values()), chain, one["id"], second or ""),
    }


def refusal(instance: Raw, one: Raw) -> tuple[str | None, Any, Starts]:
    """(rule, detail, nothing), or (None, None, the starts of each meeting that is still to come, in wall minutes)."""
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
    meetings = coming(instance)
    first, last = day_number(instance["earliest"]), day_number(instance["latest"])
    every = [day * DAY + minute for day in range(first, last + 1) for minute in range(0, DAY, 30)]
    every = [at for at in every if at >= (wall_minutes(instance["now"]) if "now" in instance else 0)]
    starts = [every for _ in meetings]
    for rule in RULES:
        for place, meeting in enumerate(meetings):
            starts[place] = [at for at in starts[place] if obeys(rule, instance, one, meeting, at)]
            if not starts[place]:
                return rule, meeting["code"], []
    reached = {at // DAY for at in past(instance)[-1:]}
    for place, meeting in enumerate(meetings):
        gap, days = meeting["gap_days"], {at // DAY for at in starts[place]}
        if reached:
            days = {day for day in days if any(gap["min"] <= day - before <= gap["max"] for before in reached)}
        if not days:
            return "gaps", meeting["code"], []
        reached = days
    return None, None, starts


def may_be_second(instance: Raw, one: Raw) -> bool:
    fits = not instance["themes"] or any(theme in one["themes"] for theme in instance["themes"])
    return fits and not one["blocked"] and one["active_courses"] < one["max_courses"]


def joined(instance: Raw, other: Raw, starts: Starts) -> Starts:
    """The starts at which a second consultant can be there too."""
    return [
        [at for at in mine if not meeting.get("co") or all(obeys(rule, instance, other, meeting, at) for rule in RULES)]
        for meeting, mine in zip(coming(instance), starts, strict=True)
    ]


def needs_second(instance: Raw, *, of_all: bool = False) -> bool:
    """Whether somebody must be second at a meeting still to come, or `of_all` at any meeting of the plan."""
    participants, enough = instance.get("participants"), instance.get("co_from_participants")
    many = participants is not None and enough is not None and participants >= enough
    return many and any(meeting.get("co") for meeting in (instance["meetings"] if of_all else coming(instance)))


def booked_starts(instance: Raw) -> tuple[int | None, ...]:
    """In wall minutes; None for a meeting that was added and has no start yet."""
    starts = instance["booked"]["starts"] if "booked" in instance else ()
    return tuple(None if text is None else wall_minutes(text) for text in starts)


def past(instance: Raw) -> Chain:
    """The starts of the meetings that were before now."""
    return tuple(at for at in booked_starts(instance) if at is not None and at < wall_minutes(instance["now"]))


def coming(instance: Raw) -> list[Raw]:
    """The meetings that are still to come."""
    return instance["meetings"][len(past(instance)) :]


def terms_of(instance: Raw, one: Raw, other: Raw | None, chosen: Chain) -> dict[str, int]:
    """The cost of a plan by term, straight from its definition."""
    weights, days = instance["weights"], [at // DAY for at in chosen]
    meetings = instance["meetings"]
    gaps = [days[place] - days[place - 1] - meetings[place]["gap_days"]["ideal"] for place in range(1, len(days))]
    booked = booked_starts(instance)[0] if "booked" in instance else None
    waited = days[0] if booked is None else booked // DAY
    lone = [lone_cost(instance, meeting, at) for meeting, at in zip(meetings, chosen, strict=True)]
    values = (
        weights["wait_day"] * max(waited - day_number(instance["earliest"]), 0),
        weights["gap_day"] * sum(abs(gap) for gap in gaps),
        *(sum(costs) for costs in zip(personal(instance, one, meetings), second_cost(instance, other), strict=True)),
    )
    wait, gap, travel, load, no_sector = values
    outside, avoided = (sum(costs) for costs in zip(*lone, strict=True))
    return dict(zip(TERMS, (wait, gap, travel, outside, avoided, load, no_sector), strict=True))


def second_cost(instance: Raw, other: Raw | None) -> tuple[int, int, int]:
    together = [meeting for meeting in instance["meetings"] if meeting.get("co")]
    return personal(instance, other, together) if other else (0, 0, 0)


def personal(instance: Raw, one: Raw, meetings: list[Raw]) -> tuple[int, int, int]:
    """Travel, load and no_sector."""
    weights = instance["weights"]
    on_site = [meeting["place"] for meeting in meetings if meeting["place"] != "online"]
    foreign = instance["sector"] is not None and instance["sector"] not in one["sectors"]
    return (
        weights["travel_10min"] * sum(-(-2 * travel_of(one, place) // 10) for place in on_site),
        weights["load_tenth"] * (10 * one["active_courses"] // max(one["max_courses"], 1)),
        weights["no_sector"] * foreign,
    )


def lone_cost(instance: Raw, meeting: Raw, at: int) -> tuple[int, int]:
    """outside_preferred and avoided_weekday of one meeting."""
    preferred, weights = instance["workplace"]["preferred_hours"], instance["weights"]
    avoided = WEEKDAYS[date.fromordinal(at // DAY).weekday()] in instance["workplace"]["avoid_weekdays"]
    end = at % DAY + meeting["minutes"]
    outside = bool(preferred) and not (minutes(preferred[0]) <= at % DAY and end <= minutes(preferred[1]))
    return weights["outside_preferred"] * outside, weights["avoided_weekday"] * avoided


def step_cost(instance: Raw, place: int, days: int) -> int | None:
    """What it costs that a meeting lies so many days after the one before; None where it may not."""
    gap = instance["meetings"][place]["gap_days"]
    return instance["weights"]["gap_day"] * abs(days - gap["ideal"]) if gap["min"] <= days <= gap["max"] else None


def first_cost(instance: Raw, at: int) -> int | None:
    """The same of the first meeting to come: waiting, which a repair does not count, or the gap to what is past."""
    before = past(instance)
    if before:
        return step_cost(instance, len(before), at // DAY - before[-1] // DAY)
    return (
        0 if "booked" in instance else instance["weights"]["wait_day"] * (at // DAY - day_number(instance["earliest"]))
    )


def own(instance: Raw, place: int, at: int) -> tuple[int, int]:
    """(moved or not, cost) of one meeting, counted among all."""
    booked = booked_starts(instance)[place] if "booked" in instance else None
    moved = booked is not None and booked != at
    return int(moved), sum(lone_cost(instance, instance["meetings"][place], at))


def best_of_all(instance: Raw, starts: Starts) -> Best | None:
    """The best plan by trying every chain of starts there is."""
    done = len(past(instance))
    chains: list[Best] = [((0, 0), ())]
    for place, mine in enumerate(starts):
        longer = []
        for (moved, cost), chain in chains:
            for at in mine:
                days = at // DAY - chain[-1] // DAY if chain else 0
                step = step_cost(instance, done + place, days) if chain else first_cost(instance, at)
                if step is not None:
                    more, here = own(instance, done + place, at)
                    longer.append(((moved + more, cost + here + step), (*chain, at)))
        chains = longer
    return min(chains, default=None)


def best_by_rest(instance: Raw, starts: Starts) -> Best | None:
    """The best plan from the last meeting backwards: of each start the cheapest, then earliest, rest."""
    done = len(past(instance))
    following: list[Best] = [((0, 0), ())]
    for place in range(len(starts) - 1, -1, -1):
        rests: list[Best] = []
        for at in starts[place]:
            more, here = own(instance, done + place, at)
            options = []
            for (moved, cost), chain in following:
                step = step_cost(instance, done + place + 1, chain[0] // DAY - at // DAY) if chain else 0
                if step is not None:
                    options.append(((moved + more, cost + here + step), (at, *chain)))
            if options:
                rests.append(min(options))
        following = rests
    found = []
    for (moved, cost), chain in following:
        step = first_cost(instance, chain[0]) if chain else 0
        if step is not None:
            found.append(((moved, cost + step), chain))
    return min(found, default=None)
