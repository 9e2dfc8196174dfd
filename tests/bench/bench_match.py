"""Milliseconds to the winner, alone and with the reasons of everybody else, on stored rosters of several sizes; beside OR-Tools CP-SAT.

Every question is built from the stored roster as booking builds it, which is told apart from the search. Each is asked `RUNS` times,
built anew each time, and the median counts. Processor time is measured, which is that of the clock where nothing else runs: all
of it, the solver too, is work of one thread. CP-SAT (`cp_sat.py`) is given the same questions; its cost must be the same on each.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from services.scheduler.matching import match
from tests.bench.cp_sat import cheapest_cost
from tests.bench.match_memory import calendar_megabytes
from tests.bench.match_samples import Asked, Size, asked
from tests.bench.system import percentile

SIZES = (Size(10, 90, 4), Size(100, 180, 5), Size(1000, 180, 5))
REALISTIC = Size(20, 400)
GROWN = Size(10_000, 180, 5)
ROSTERS, APPLICATIONS = 8, 25
"""200 questions of each size."""
GROWN_ROSTERS = 2
RUNS = 3
REASONS_AT_MOST = 1000
"""Consultants, for whom all reasons are asked: a page that lists more serves nobody."""


def measure() -> dict[str, Any]:
    compared = {str(size): _compared(size) for size in (*SIZES, REALISTIC)}
    grown = _ours(GROWN, rosters=GROWN_ROSTERS)
    largest = compared[str(SIZES[-1])]
    growth = {f"{size.consultants}": compared[str(size)]["winner_ms"] for size in SIZES[1:]}
    return {
        "ratio": largest["faster_than_cp_sat"]["p50"],
        "goal": 10,
        "better": "higher",
        "figures": {
            "seeds": f"rosters 0 to {ROSTERS - 1}, {APPLICATIONS} applications each",
            "sizes": compared,
            "growth_of_winner_ms": growth | {f"{GROWN.consultants}": grown["winner_ms"]},
            "build_at_10000_ms": grown["build_ms"],
            "memory_mb": calendar_megabytes(Random(0)),
        },
    }


def _compared(size: Size) -> dict[str, Any]:
    times: list[float] = []

    def solve(one: Asked, cost: int | None) -> None:
        problem = one.question()
        begun = time.process_time()
        found = cheapest_cost(problem)
        times.append((time.process_time() - begun) * 1000)
        if found != cost:
            raise AssertionError(f"{size}: CP-SAT finds {found}, the matcher {cost}")

    figures = _ours(size, rosters=ROSTERS, beside=solve)
    ours: list[float] = figures.pop("each_ms")
    return figures | {
        "cp_sat_ms": _spread(times),
        "cp_sat_questions": len(times),
        "faster_than_cp_sat": {
            "p50": round(statistics.median(slow / fast for slow, fast in zip(times, ours, strict=True)), 1),
            "least": round(min(slow / fast for slow, fast in zip(times, ours, strict=True)), 1),
        },
    }


def _ours(size: Size, *, rosters: int, beside: Callable[[Asked, int | None], None] | None = None) -> dict[str, Any]:
    """Figures of one size; `beside` is called with each question and the winner's cost."""
    winner: list[float] = []
    reasons: list[float] = []
    build: list[float] = []
    first: list[float] = []
    found = 0
    for questions in asked(size, rosters=rosters, applications=APPLICATIONS):
        # What the roster is made of lives as long as the process: the collector need not look at it time and again.
        gc.collect()
        gc.freeze()
        first.append(_milliseconds(questions[0].question)[0])
        for one in questions:
            built, searched, cost = zip(*(_winner(one) for _ in range(RUNS)), strict=True)
            build.append(statistics.median(built))
            winner.append(statistics.median(searched))
            found += cost[0] is not None
            if size.consultants <= REASONS_AT_MOST:
                problem = one.question()
                reasons.append(_milliseconds(lambda problem=problem: match(problem, others=True))[0])
            if beside is not None:
                beside(one, cost[0])
        gc.unfreeze()
    return {
        "questions": len(winner),
        "with_winner": found,
        "winner_ms": _spread(winner),
        **({"all_reasons_ms": _spread(reasons)} if reasons else {}),
        "build_ms": _spread(build),
        "build_first_of_day_ms": _spread(first),
        **({"each_ms": winner} if beside else {}),
    }


def _winner(one: Asked) -> tuple[float, float, int | None]:
    """Milliseconds to build the question and to search, and the winner's cost."""
    built, problem = _milliseconds(one.question)
    searched, result = _milliseconds(lambda: match(problem))
    return built, searched, None if result.winner is None else result.winner.cost


def _milliseconds(task: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    answer = task()
    return (time.process_time() - begun) * 1000, answer


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {name: round(percentile(values, share), 2) for name, share in (("p50", 0.5), ("p99", 0.99))}
