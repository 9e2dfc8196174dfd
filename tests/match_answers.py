"""Asking the matcher in tests: the whole answer, the winner's plan, or why the only consultant is ruled out."""

import json
from typing import Any

from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from services.scheduler.outcome import Plan, Result
from tests.match_instances import Raw, meeting


def answer(raw: Raw, **options: Any) -> Result:
    return match(problem_of(read_instance(json.dumps(raw))), **options)


def plan(raw: Raw, **options: Any) -> Plan:
    winner = answer(raw, **options).winner
    assert winner is not None
    return winner


def reason(raw: Raw) -> tuple[str, Any]:
    """Rule and detail of the only consultant, who must be infeasible."""
    others = answer(raw, others=True).as_json(milliseconds=0)["others"]
    assert isinstance(others, list)
    (only,) = others
    assert only["status"] == "infeasible"
    assert answer(raw).winner is None
    return only["rule"], only["detail"]


def gap(low: int, ideal: int, high: int) -> dict[str, int]:
    return {"min": low, "ideal": ideal, "max": high}


def two_meetings(**second: Any) -> list[Raw]:
    return [meeting(), meeting("second", **({"gap_days": gap(1, 2, 3)} | second))]
