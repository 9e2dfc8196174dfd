"""What alone would have made a consultant win, against changing the instance and asking the matcher again."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from services.scheduler.availability import MARGIN_GRAINS
from services.scheduler.contest import Contest
from services.scheduler.decision import Changes
from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of, widened
from services.scheduler.matching import match
from services.scheduler.moved_date import MOVED_DAYS_MAX, moved_dates
from services.scheduler.problem import Problem
from services.scheduler.why_not import changes_for
from tests.match_instances import Raw, consultant, instance, random_instance, with_second, with_ties
from tests.slow_why_not import (
    GRAIN,
    HALF_HOURS,
    changed,
    comes_first,
    consultant_of,
    farthest,
    freed,
    moves,
    nearer,
    rank_of,
    wall,
    winner,
)

PLAIN, PAIRS = (1, 5, 6, 10, 12, 16, 18, 29, 34, 39, 42), (61, 65, 72)


def small(seed: int) -> Raw:
    """A small instance in which time and distance decide: most can take the course, and most have a full calendar."""
    rng = Random(seed)
    raw = random_instance(seed, days=7, meetings=1 + seed % 3, consultants=4, dense=True)
    for person in raw["consultants"][: 4 - seed % 2]:
        person |= {
            "blocked": False,
            "themes": ["a", "b"],
            "unavailable": [*person["unavailable"], *full_days(rng, raw)],
        }
    raw = with_ties(raw, seed) if seed % 3 == 0 else raw
    return with_second(raw, seed) if seed in PAIRS else raw


def full_days(rng: Random, raw: Raw) -> list[list[str]]:
    """Something for two to eight hours on most days."""
    days = (date.fromisoformat(raw["earliest"]) + timedelta(days=number) for number in range(7))
    begins = [(day, rng.randint(7, 12), rng.randint(2, 8)) for day in days if rng.random() < 0.8]
    return [[f"{day}T{begin:02}:00", f"{day}T{begin + hours:02}:00"] for day, begin, hours in begins]


@cache
def changes_of(seed: int) -> dict[str, Changes]:
    """By consultant, but for the winner."""
    raw = small(seed)
    instance = read_instance(json.dumps(raw))
    problem = problem_of(instance)
    result = match(problem, others=True)
    contest = Contest(problem, result)
    dates = moved_dates(result, lambda days: widened(instance, days))
    losers = {verdict.id for verdict in result.others or ()}
    return {one.id: changes_for(contest, one, dates) for one in problem.consultants if one.id in losers}


def positions(problem: Problem, length: int) -> list[int]:
    """Where a stretch of so many half hours lies within one local day."""
    days = range(0, problem.horizon.days * HALF_HOURS, HALF_HOURS)
    return [day + first for day in days for first in range(HALF_HOURS - length + 1)]


def wins_by(problem: Problem, name: str, begin: int, length: int, best: Any) -> bool:
    """Whether she comes first with a stretch of her calendar free."""
    bits = ((1 << length) - 1) << begin + MARGIN_GRAINS
    people = [replace(one, free=one.free | bits) if one.id == name else one for one in problem.consultants]
    rank = rank_of(match(replace(problem, consultants=tuple(people)), only=[name]))
    return rank is not None and (best is None or rank < best)


@pytest.mark.parametrize("seed", [*PLAIN, *PAIRS])
def test_the_freed_stretch_is_the_shortest_and_earliest_that_makes_her_win(seed: int) -> None:
    """Freed in the file it makes her win; no shorter one and no earlier one of its length does."""
    raw = small(seed)
    problem = problem_of(read_instance(json.dumps(raw)))
    best = rank_of(match(problem))
    for name, changes in changes_of(seed).items():
        found = changes.freed
        if found is None:
            # A stretch that is enough lies in a whole day that is.
            assert not any(wins_by(problem, name, one, HALF_HOURS, best) for one in positions(problem, HALF_HOURS))
            continue
        begin, end = wall(found.start), wall(found.end)
        assert end - begin == timedelta(minutes=found.minutes)
        assert comes_first(freed(raw, name, begin, end), name, best), name
        length = (end - begin) // GRAIN
        at = (begin - wall(f"{problem.horizon.first}T00:00")) // GRAIN
        earlier = [(one, length) for one in positions(problem, length) if one < at]
        # Every shorter stretch lies in one of these.
        shorter = [(one, length - 1) for one in positions(problem, length - 1)]
        assert not any(wins_by(problem, name, *one, best) for one in (*earlier, *shorter)), name


@pytest.mark.parametrize("seed", PLAIN)
def test_whoever_wins_by_a_freed_stretch_wins_the_whole_question(seed: int) -> None:
    """Asked anew with her calendar changed, the matcher chooses her among all."""
    raw = small(seed)
    for name, changes in changes_of(seed).items():
        if changes.freed is not None:
            begin, end = wall(changes.freed.start), wall(changes.freed.end)
            assert winner(freed(raw, name, begin, end)) == name


@pytest.mark.parametrize("seed", [*PLAIN, *PAIRS])
def test_the_moved_date_is_the_smallest_move_that_makes_her_win(seed: int) -> None:
    """Every move is tried in its order by changing the file; the first at which she wins is the one."""
    raw = small(seed)
    before = winner(raw)
    first: dict[str, tuple[str, int]] = {}
    for bound, days, moved in moves(raw, MOVED_DAYS_MAX):
        name = winner(moved)
        if name is not None and name != before:
            first.setdefault(name, (bound, days))
    for name, changes in changes_of(seed).items():
        person = consultant_of(raw, name)
        able = not person["blocked"] and person["active_courses"] < person["max_courses"]
        if not able:
            assert name not in first
        found = changes.date and (changes.date.bound, changes.date.days)
        assert found == first.get(name), name


@pytest.mark.parametrize("seed", [*PLAIN, *PAIRS])
def test_the_travel_limit_is_the_largest_at_which_she_wins(seed: int) -> None:
    """Every number of minutes below hers is tried at which cost or claim can change: they do so after multiples of 5."""
    raw = small(seed)
    best = rank_of(match(problem_of(read_instance(json.dumps(raw)))))
    for name, changes in changes_of(seed).items():
        hers = farthest(raw, name)
        limits = [minutes for minutes in range(hers - 1, -1, -1) if minutes % 5 == 0 or minutes == hers - 1]
        largest = next((one for one in limits if comes_first(nearer(raw, name, one), name, best)), None)
        assert changes.travel_minutes == largest, name


@pytest.mark.parametrize("hers", range(76, 110))
def test_the_travel_limit_is_the_same_however_far_she_is(hers: int) -> None:
    """The way costs 1 for each 10 minutes both ways, not knowing the sector 15; at equal cost the id decides."""
    people = [consultant(id="anna", travel_minutes=hers), consultant(id="bo", sectors=[])]
    problem = problem_of(read_instance(json.dumps(instance(consultants=people))))
    result = match(problem, others=True)
    assert changes_for(Contest(problem, result), problem.consultants[0], None).travel_minutes == 75


@pytest.mark.parametrize("seed", [*PLAIN, *PAIRS])
def test_one_course_more_is_named_where_it_is_enough(seed: int) -> None:
    """With one more she wins, or it is not named."""
    raw = small(seed)
    best = rank_of(match(problem_of(read_instance(json.dumps(raw)))))
    for name, changes in changes_of(seed).items():
        more = consultant_of(raw, name)["max_courses"] + 1
        enough = comes_first(changed(raw, name, max_courses=more), name, best)
        assert changes.max_courses == (more if enough else None), name


def test_every_kind_of_change_occurs_in_these_instances() -> None:
    """Else the tests above would have little to say."""
    found = [changes for seed in (*PLAIN, *PAIRS) for changes in changes_of(seed).values()]
    for kind in ("freed", "date", "travel_minutes", "max_courses"):
        assert {getattr(one, kind) is None for one in found} == {True, False}
