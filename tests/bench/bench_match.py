"""Milliseconds to find the winner on rosters of three sizes, and how much faster that is than a plain search without bitmaps.

The plain search (tests/slow_matcher.py) gives the same answer, reasons of all others included; it is compared on the small roster
only, since it takes too long on the others. Our time there counts from an instance already checked to the answer, preparing the
bitmaps included. For the winner alone the two are told apart: the scheduler keeps the bitmaps of its roster, and so only matches.
"""

import json
import statistics
import time
from datetime import date, timedelta
from random import Random
from typing import Any

from services.scheduler.instance import read_instance
from services.scheduler.instance_format import Instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from tests.bench.system import percentile
from tests.match_instances import WEEKDAYS, Raw, clock, consultant, instance, meeting, workplace
from tests.slow_matcher import solve

SMALL = (10, 90, 4)
SIZES = (SMALL, (100, 180, 5), (1000, 180, 5))
"""Consultants, days, meetings."""
RUNS = 20
SEEDS = 3
FIRST = date(2027, 1, 18)
THEMES = ("samarbejde", "chikane", "forandringer", "vold_trusler", "arbejdets_indhold", "alenearbejde")


def measure() -> dict[str, Any]:
    plain, ours = [], []
    for seed in range(SEEDS):
        raw = _instance(seed, *SMALL)
        begun = time.perf_counter()
        expected = solve(raw)
        plain.append((time.perf_counter() - begun) * 1000)
        checked = read_instance(json.dumps(raw))
        result = match(problem_of(checked), others=True).as_json(milliseconds=0)
        if {**result, "milliseconds": None} != {**expected, "milliseconds": None}:
            raise AssertionError(f"the two disagree on seed {seed}")
        ours.append(statistics.median(_with_reasons(checked) for _ in range(RUNS)))
    return {
        "ratio": round(statistics.median(slow / fast for slow, fast in zip(plain, ours, strict=True)), 1),
        "goal": 50,
        "better": "higher",
        "figures": {
            "plain_search_ms": [round(one, 1) for one in plain],
            "with_all_reasons_ms": [round(one, 3) for one in ours],
            "winner_ms": {"x".join(map(str, size)): _winner(size) for size in SIZES},
        },
    }


def _winner(size: tuple[int, int, int]) -> dict[str, float]:
    preparing: list[float] = []
    matching: list[float] = []
    for seed in range(SEEDS):
        checked = read_instance(json.dumps(_instance(seed, *size)))
        for _ in range(RUNS):
            begun = time.perf_counter()
            problem = problem_of(checked)
            prepared = time.perf_counter()
            match(problem)
            matching.append((time.perf_counter() - prepared) * 1000)
            preparing.append((prepared - begun) * 1000)
    return {
        "p50": round(percentile(matching, 0.5), 3),
        "p99": round(percentile(matching, 0.99), 3),
        "bitmaps_from_a_file_p50": round(percentile(preparing, 0.5), 3),
    }


def _with_reasons(checked: Instance) -> float:
    """Milliseconds to the answer with what is to be said of everybody."""
    begun = time.perf_counter()
    match(problem_of(checked), others=True)
    return (time.perf_counter() - begun) * 1000


def _instance(seed: int, consultants: int, days: int, meetings: int) -> Raw:
    """Office hours, calendars that are half full, people who live up to three hours away and know three of six themes."""
    rng = Random(seed)
    return instance(
        earliest=str(FIRST),
        latest=str(FIRST + timedelta(days=days - 1)),
        closed_days=[str(FIRST + timedelta(days=rng.randrange(days))) for _ in range(6)],
        setup_minutes=30,
        workplace=workplace(
            preferred_hours=["09:00", "15:00"],
            avoid_weekdays=[rng.choice(WEEKDAYS[:5])],
            unavailable=_appointments(rng, days, share=0.2),
        ),
        meetings=[
            meeting(
                f"m{place}",
                minutes=rng.choice([60, 120, 180]),
                place="online" if place == meetings - 1 else "workplace",
                gap_days={"min": 7, "ideal": 14, "max": 28} if place else None,
            )
            for place in range(meetings)
        ],
        consultants=[
            consultant(
                id=f"c{number:04}",
                themes=["samarbejde", *rng.sample(THEMES[1:], 2)] if rng.random() < 0.7 else list(THEMES[1:3]),
                sectors=rng.sample(["jobcenter", "skole", "park"], 2),
                unavailable=_appointments(rng, days, share=0.6),
                travel_minutes=rng.randrange(0, 180, 5),
                active_courses=rng.randrange(8),
            )
            for number in range(consultants)
        ],
    )


def _appointments(rng: Random, days: int, *, share: float) -> list[list[str]]:
    found = []
    for offset in range(days):
        if rng.random() < share:
            day, begin = FIRST + timedelta(days=offset), rng.randrange(8 * 60, 14 * 60, 15)
            found.append([f"{day}T{clock(begin)}", f"{day}T{clock(begin + rng.choice([60, 120, 240]))}"])
    return found
