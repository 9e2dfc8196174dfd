"""The cost of a plan by term: integers, additive, smaller is better."""

from collections.abc import Mapping, Sequence

from services.scheduler.grains import GRAIN_MINUTES
from services.scheduler.problem import ONLINE_PLACES, Consultant, Problem

TERMS = ("wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector")


def personal_terms(problem: Problem, consultant: Consultant, *, as_second: bool = False) -> dict[str, int]:
    """The terms that depend on the consultant alone: travel, load, no_sector.

    A second consultant travels to the meetings marked `co` only.
    """
    weights = problem.weights
    # Both ways, in started tens of minutes.
    tens = sum(
        -(-2 * consultant.travel_minutes[one.place] // 10)
        for one in problem.meetings
        if one.place not in ONLINE_PLACES and (one.co or not as_second)
    )
    foreign = problem.sector is not None and problem.sector not in consultant.sectors
    return {
        "travel": weights.travel_10min * tens,
        "load": weights.load_tenth * (10 * consultant.active_courses // max(consultant.max_courses, 1)),
        "no_sector": weights.no_sector if foreign else 0,
    }


def dated_terms(problem: Problem, starts: Sequence[tuple[int, int]], *, waited_to: int | None = None) -> dict[str, int]:
    """The terms that depend on when meetings start, as (day of the horizon, half hour of that day).

    `waited_to` is the day that waiting is counted to, where that is not the first meeting's.
    """
    weights, first = problem.weights, problem.horizon.first.weekday()
    off = outside = avoided = 0
    before = 0
    for meeting, (day, half_hour) in zip(problem.meetings, starts, strict=True):
        off += abs(day - before - meeting.gap.ideal) if meeting.gap else 0
        begin = half_hour * GRAIN_MINUTES
        if problem.preferred_hours is not None:
            low, high = problem.preferred_hours
            outside += not low <= begin <= begin + meeting.minutes <= high
        avoided += (first + day) % 7 in problem.avoid_weekdays
        before = day
    waited = starts[0][0] if waited_to is None else waited_to
    return {
        "wait": weights.wait_day * max(waited, 0),
        "gap": weights.gap_day * off,
        "outside_preferred": weights.outside_preferred * outside,
        "avoided_weekday": weights.avoided_weekday * avoided,
    }


def added(*parts: Mapping[str, int]) -> dict[str, int]:
    """Terms summed by name, all of them, in the order of the contract."""
    return {name: sum(part.get(name, 0) for part in parts) for name in TERMS}
