"""The matcher against a slow one that is obviously right, on random instances: winner, starts, cost, ties, reasons.

New courses, courses with a second consultant, and repairs; tiny ones against every chain of starts there is, larger ones
against a plain search backwards.
"""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.matching import match
from services.scheduler.outcome import Result
from services.scheduler.repair import repair
from tests.match_instances import Raw, random_instance, with_booked, with_second, with_tailored, with_ties
from tests.slow_matcher import solve


def plain(seed: int, raw: Raw) -> Raw:
    """A new course; every third with ties in plenty."""
    return with_ties(raw, seed) if seed % 3 == 0 else raw


def pair(seed: int, raw: Raw) -> Raw:
    """A new course with a second consultant."""
    return with_second(plain(seed, raw), seed)


def repaired(seed: int, raw: Raw) -> Raw:
    """A booked course to which something has happened, every other one with a second consultant."""
    new = pair(seed, raw) if seed % 2 else plain(seed, raw)
    return with_booked(new, seed, match(problem_of(read_instance(json.dumps(new)))).as_json(milliseconds=0))


def tailored(seed: int, raw: Raw) -> Raw:
    """A booked course of whose plan meetings were dropped, and to which others were added that are not placed yet."""
    return with_tailored(repaired(seed, raw), seed)


Making = Callable[[int, Raw], Raw]
TINY: dict[Making, int] = {plain: 200, pair: 140, repaired: 200, tailored: 200}
LARGER: dict[Making, int] = {plain: 8, pair: 6, repaired: 6, tailored: 6}


def tiny(make: Making, seed: int) -> Raw:
    return make(seed, random_instance(seed, days=9, meetings=1 + seed % 3, consultants=4))


def ask(raw: Raw, *, others: bool) -> Result:
    checked = read_instance(json.dumps(raw))
    problem, booked = problem_of(checked), booked_of(checked)
    return match(problem, others=others) if booked is None else repair(problem, *booked, others=others)


def compare(raw: Raw, expected: Raw, seed: int) -> None:
    """With and without others, every field but the time."""
    full, lone = (ask(raw, others=others).as_json(milliseconds=0) for others in (True, False))
    del full["milliseconds"], lone["milliseconds"]
    assert full == expected, seed
    assert lone == expected | {"others": None}, seed


@pytest.mark.parametrize("make", TINY)
def test_tiny_instances_equal_the_enumeration_of_every_chain(make: Making) -> None:
    """Every field of the result, reasons of the others included, equals what trying all pairs and chains of starts gives."""
    for seed in range(TINY[make]):
        raw = tiny(make, seed)
        compare(raw, solve(raw, enumerate_all=True), seed)


@pytest.mark.parametrize("make", LARGER)
def test_larger_instances_equal_a_plain_search_backwards(make: Making) -> None:
    """Windows of six weeks with four meetings and full workdays: the same plan as a search over all starts."""
    for seed in range(LARGER[make]):
        raw = make(seed, random_instance(seed + 1000, days=40, meetings=4, consultants=4, dense=True))
        compare(raw, solve(raw), seed)


def test_the_random_instances_reach_every_rule_ties_and_every_kind_of_repair() -> None:
    """The comparison is worth something: all rule codes, winners with a rival of equal cost, moves and changed people occur."""
    seen: Counter[object] = Counter()
    for make, count in TINY.items():
        for seed in range(count):
            raw = tiny(make, seed)
            result = ask(raw, others=True).as_json(milliseconds=0)
            seen.update(other["rule"] for other in result["others"] if other["status"] == "infeasible")
            seen["found", make] += result["status"] == "found"
            seen["second"] += result["second"] is not None
            rivals = [other for other in result["others"] if other["status"] == "feasible"]
            seen["tie", make] += any(other["cost"] == result["cost"] for other in rivals)
            if make is tailored and result["starts"]:
                seen["added", raw["booked"]["starts"].count(None)] += 1
            if make is repaired and result["starts"]:
                booked = raw["booked"]
                seen["moved", sum(map(str.__ne__, result["starts"], booked["starts"]))] += 1
                seen[
                    "changed", (result["consultant"] != booked["consultant"]) + (result["second"] != booked["second"])
                ] += 1
                seen["past", sum(start < raw["now"] for start in booked["starts"])] += 1
    rules = ("blocked", "themes", "capacity", "window", "hours", "closed", "busy", "travel", "gaps", "second")
    repairs = [
        (what, count)
        for what, most in (("moved", 2), ("changed", 2), ("past", 3), ("added", 1))
        for count in range(most + 1)
    ]
    for wanted in (*rules, *repairs, *((what, make) for make in TINY for what in ("found", "tie"))):
        assert seen[wanted] >= 5, (wanted, seen)
