"""The cost of a plan by term: integers, additive, smaller is better."""

from collections import Counter
from collections.abc import Mapping, Sequence

from services.scheduler.grains import GRAIN_MINUTES
from services.scheduler.problem import ONLINE_PLACES, Consultant, Problem

TERMS = ("wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector")


class Prices:
    """What consultants cost whatever the days: travel, load, no_sector. A second one travels to the meetings marked `co` only."""

    def __init__(self, problem: Problem, *, as_second: bool = False) -> None:
        self._weights, self._sector = problem.weights, problem.sector
        on_site = (one for one in problem.meetings if one.place not in ONLINE_PLACES)
        self._trips = tuple(Counter(one.place for one in on_site if one.co or not as_second).items())

    @property
    def no_sector(self) -> int:
        """For whoever does not know the application's sector."""
        return self._weights.no_sector

    def of(self, consultant: Consultant) -> int:
        """The sum of `terms`."""
        return self.travel(consultant) + self.load(consultant) + (0 if self._knows(consultant) else self.no_sector)

    def terms(self, consultant: Consultant) -> dict[str, int]:
        return {
            "travel": self.travel(consultant),
            "load": self.load(consultant),
            "no_sector": 0 if self._knows(consultant) else self.no_sector,
        }

    def travel(self, consultant: Consultant) -> int:
        minutes, tens = consultant.travel_minutes, 0
        for place, times in self._trips:
            # Both ways, in started tens of minutes.
            tens -= -2 * minutes[place] // 10 * times
        return self._weights.travel_10min * tens

    def load(self, consultant: Consultant) -> int:
        return self._weights.load_tenth * (10 * consultant.active_courses // (consultant.max_courses or 1))

    def _knows(self, consultant: Consultant) -> bool:
        return self._sector is None or self._sector in consultant.sectors


def personal_terms(problem: Problem, consultant: Consultant, *, as_second: bool = False) -> dict[str, int]:
    """The terms of one consultant that depend on her alone."""
    return Prices(problem, as_second=as_second).terms(consultant)


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
