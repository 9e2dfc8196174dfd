"""What all consultants of one search have in common, worked out once: starts that the places allow, travel, day costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from services.scheduler.availability import DAY_MASK, MARGIN_GRAINS, Interval, WorkingHours, day_bits, runs, window_of
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY
from services.scheduler.problem import ONLINE_PLACES, Consultant, GapDays, Problem

# Starts (window bitmap) after each rule of place and time: hours, closed, busy, travel. Each lies within the one before.
Starts = tuple[int, int, int, int]


class Kind(NamedTuple):
    """What the starts of a meeting depend on: meetings alike in all of it share them. `grains` is its length."""

    place: str
    grains: int
    # Told apart only where a second consultant must be free too.
    co: bool
    # The meeting's own number in a repair, where each may keep a start of its own; else 0.
    slot: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a repair starts from: the problem then holds only the meetings that are still to come."""

    # Day, counted from the horizon's first, of the last meeting that is past; the first gap is counted from it.
    after: int | None
    # (day of the horizon, half hour) of each meeting as booked, and the cost of starting at any other time. One that is new
    # has none, and may start whenever it can.
    starts: tuple[tuple[int, int] | None, ...]
    move_cost: int
    # Half hours from midnight of the horizon's first day, before which nothing may start but what stays as it is.
    not_before: int

    def has(self, slot: int, starts: int) -> bool:
        """Whether a meeting's booked start is among the starts of a window bitmap."""
        at = self._at(slot)
        return at >= 0 and bool(starts >> at & 1)

    def allowed(self, slot: int) -> int:
        """Window bitmap, without end, of the starts that a meeting may have as far as the time of day it is now goes."""
        at = self._at(slot)
        return -1 << max(self.not_before, 0) | (1 << at if at >= 0 else 0)

    def moved(self, slot: int) -> int:
        """What it costs that a meeting does not start as booked."""
        return 0 if self.starts[slot] is None else self.move_cost

    def _at(self, slot: int) -> int:
        """Half hours from midnight of the horizon's first day; below 0: before it, or not booked."""
        booked = self.starts[slot]
        return -1 if booked is None else booked[0] * GRAINS_PER_DAY + booked[1]


Option = tuple[int, int, int]
"""The least that a gap and the rest of a course after it cost, the day of the meeting after the gap, and the gap's cost alone."""


class Costs(Protocol):
    """Costs of the rest of a course; `known` are those by meeting and day that were asked for."""

    known: list[dict[int, int]]

    def cost(self, place: int, day: int) -> int: ...

    def options(self, place: int, before: int) -> Sequence[Option] | None: ...


class Ground:
    """The shared part of one search; `kept` makes it a repair."""

    def __init__(self, problem: Problem, kept: Kept | None = None) -> None:
        self.problem = problem
        self.kept = kept
        self.days = problem.horizon.days
        kinds = [
            Kind(
                meeting.place,
                meeting.minutes // GRAIN_MINUTES,
                co=meeting.co and problem.second_needed,
                slot=slot if kept else 0,
            )
            for slot, meeting in enumerate(problem.meetings)
        ]
        self.kinds = tuple(dict.fromkeys(kinds))
        places = {kind: place for place, kind in enumerate(self.kinds)}
        self.kind_index = tuple(places[kind] for kind in kinds)
        self._sites = tuple(self._site_starts(kind) for kind in self.kinds)
        # One day's starts at which the meeting counts as inside the preferred hours; all where that costs nothing.
        self.preferred = tuple(self._preferred(kind.grains) for kind in self.kinds)
        self.preferred_daily = tuple(bits * problem.horizon.every_day for bits in self.preferred)
        first = problem.horizon.first.weekday()
        avoided = problem.weights.avoided_weekday
        self.day_cost = [avoided if (first + day) % 7 in problem.avoid_weekdays else 0 for day in range(self.days)]
        # By meeting, the gaps before it in the order of what they cost, with that; the shorter first where they cost the same.
        after = 0 if kept is None or kept.after is None else kept.after
        self.gaps = tuple(
            _gaps(meeting.gap, problem.weights.gap_day, before=0 if place else after, days=self.days)
            for place, meeting in enumerate(problem.meetings)
        )
        # What a meeting on a day and all later ones cost at least, whoever holds them; set by `chain`.
        self.least: Costs | None = None
        self._travel: dict[tuple[int, int, int], int] = {}
        self._common: dict[tuple[WorkingHours, int, int, int], int] = {}
        self.floors = self._floors()
        # More than any chain costs, however large the weights.
        self.endless = self._endless()

    def possible(self, consultant: Consultant, kind: int) -> int:
        """The starts of one kind of meeting that a consultant can hold under all rules."""
        place, grains = self.kinds[kind].place, self.kinds[kind].grains
        before, after = claim_margins(self.problem, consultant, place)
        key = (consultant.hours, kind, before, after)
        common = self._common.get(key)
        if common is None:
            within_hours, open_days, free = self._sites[kind]
            common = consultant.hours.starts(grains) & within_hours & open_days & free
            common = self._common[key] = common & self._travel_starts(before, grains, after)
        return common & runs(consultant.free, before + grains + after) >> MARGIN_GRAINS - before

    def starts(self, consultant: Consultant, kind: int) -> Starts:
        """The starts of one kind of meeting that a consultant can hold, rule by rule; the last are the `possible` ones."""
        place, grains = self.kinds[kind].place, self.kinds[kind].grains
        within_hours, open_days, free = self._sites[kind]
        before, after = claim_margins(self.problem, consultant, place)
        hours = consultant.hours.starts(grains) & within_hours
        closed = hours & open_days
        unclaimed = runs(consultant.free, before + grains + after) >> MARGIN_GRAINS - before
        busy = closed & free & unclaimed
        return hours, closed, busy, busy & self._travel_starts(before, grains, after)

    def site_starts(self, kind: int) -> int:
        """The starts that would be left to somebody who is always free and lives at the place."""
        within_hours, open_days, free = self._sites[kind]
        return within_hours & open_days & free & self._travel_starts(0, self.kinds[kind].grains, 0)

    def _site_starts(self, kind: Kind) -> tuple[int, int, int]:
        site, horizon, grains = self.problem.sites[kind.place], self.problem.horizon, kind.grains
        # A wall time that a clock change skips or repeats belongs to no working hours.
        within_hours = site.hours.starts(grains) & window_of(horizon, runs(horizon.steady, grains))
        if self.kept is not None:
            within_hours &= self.kept.allowed(kind.slot)
        return within_hours, site.open_days, runs(site.free, grains)

    def _travel_starts(self, before: int, grains: int, after: int) -> int:
        """Starts whose claim lies inside the travel hours of the local day and is touched by no clock change."""
        key = (before, grains, after)
        if key not in self._travel:
            begin, end = self.problem.travel_hours
            earliest, latest = -(-begin // GRAIN_MINUTES) + before, end // GRAIN_MINUTES - grains - after
            inside = self.problem.horizon.every_day * day_bits(earliest, latest + 1)
            claimed = runs(self.problem.horizon.steady, before + grains + after) >> MARGIN_GRAINS - before
            self._travel[key] = inside & claimed
        return self._travel[key]

    def _floors(self) -> list[int]:
        """By meeting, what it and all later ones cost at least: each must pay where no start at all is preferred, or kept."""
        floors = [0] * (len(self.kind_index) + 1)
        for place in range(len(self.kind_index) - 1, -1, -1):
            kind = self.kind_index[place]
            starts = self.site_starts(kind)
            outside = 0 if starts & self.preferred_daily[kind] else self.problem.weights.outside_preferred
            moved = 0 if self.kept is None or self.kept.has(place, starts) else self.kept.moved(place)
            floors[place] = floors[place + 1] + outside + moved
        return floors

    def _endless(self) -> int:
        weights = self.problem.weights
        each = weights.avoided_weekday + weights.outside_preferred + (self.kept.move_cost if self.kept else 0)
        gaps = sum(gaps[-1][1] for gaps in self.gaps if gaps)
        return weights.wait_day * max(self.days, 0) + gaps + each * len(self.kind_index) + 1

    def _preferred(self, grains: int) -> int:
        preferred: Interval | None = self.problem.preferred_hours
        if preferred is None or not self.problem.weights.outside_preferred:
            return DAY_MASK
        begin, end = preferred
        return day_bits(-(-begin // GRAIN_MINUTES), end // GRAIN_MINUTES - grains + 1)


@lru_cache(maxsize=256)
def _gaps(gap: GapDays | None, gap_day: int, *, before: int, days: int) -> Sequence[tuple[int, int]]:
    """(days, cost) of the allowed gaps after a day that stay within the horizon, the cheapest first."""
    if gap is None:
        return []
    reached = range(max(gap.min, -before), min(gap.max, days - 1 - before) + 1)
    return sorted(
        ((one, gap_day * abs(one - gap.ideal)) for one in reached), key=lambda one: (abs(one[0] - gap.ideal), one[0])
    )


def claim_margins(problem: Problem, consultant: Consultant, place: str) -> tuple[int, int]:
    """Half hours that a consultant is claimed before and after a meeting: travel and setting up, and travel back."""
    if place in ONLINE_PLACES:
        return 0, 0
    travel = consultant.travel_minutes[place]
    return -(-(travel + problem.setup_minutes) // GRAIN_MINUTES), -(-travel // GRAIN_MINUTES)
