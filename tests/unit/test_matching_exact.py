"""The matcher against a slow one that is obviously right, on random instances: winner, starts, cost, ties, reasons."""

import json

import pytest

from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from tests.match_instances import Raw, random_instance
from tests.slow_matcher import solve


def answers(raw: Raw) -> tuple[Raw, Raw]:
    """What the matcher says with and without others, without its time."""
    problem = problem_of(read_instance(json.dumps(raw)))
    full = match(problem, others=True).as_json(milliseconds=0)
    lone = match(problem).as_json(milliseconds=0)
    del full["milliseconds"], lone["milliseconds"]
    return full, lone


@pytest.mark.parametrize("block", range(4))
def test_tiny_instances_equal_the_enumeration_of_every_chain(block: int) -> None:
    """Every field of the result, reasons of the others included, equals what trying all chains of starts gives."""
    for seed in range(block * 50, block * 50 + 50):
        raw = random_instance(seed, days=9, meetings=1 + seed % 3, consultants=4)
        full, lone = answers(raw)
        expected = solve(raw, enumerate_all=True)
        assert full == expected, seed
        assert lone == expected | {"others": None}, seed


@pytest.mark.parametrize("seed", range(12))
def test_larger_instances_equal_a_plain_search_backwards(seed: int) -> None:
    """Windows of six weeks with four meetings and full workdays: the same plan as a search over all starts."""
    raw = random_instance(seed + 1000, days=40, meetings=4, consultants=4, dense=True)
    full, lone = answers(raw)
    expected = solve(raw)
    assert full == expected
    assert lone == expected | {"others": None}


def test_the_random_instances_reach_every_rule_and_ties() -> None:
    """The comparison is worth something: all rule codes occur, and so do winners with a rival of equal cost."""
    rules: set[str] = set()
    ties = found = 0
    for seed in range(200):
        result = solve(random_instance(seed, days=9, meetings=1 + seed % 3, consultants=4))
        rules |= {other["rule"] for other in result["others"] if other["status"] == "infeasible"}
        found += result["status"] == "found"
        ties += any(other.get("cost") == result["cost"] for other in result["others"] if result["cost"] is not None)
    assert rules == {"blocked", "themes", "capacity", "window", "hours", "closed", "busy", "travel", "gaps"}
    assert found > 50
    assert ties > 5
