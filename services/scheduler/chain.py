"""A course as a chain of days: which days reach each other over the gaps, and the cheapest chain, ties to the earlier.

The cost of a plan is additive over meetings and gaps, and gaps depend on days alone. So each day is worth its cheapest
start, and the optimum is a shortest path over (meeting, day), searched from the first day on and only as far as needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.grains import GRAINS_PER_DAY
from services.scheduler.ground import Ground
from services.scheduler.problem import GapDays

# Day bitmaps hold one byte per day, its lowest bit set where the day is in.
_DAY_BITS = 8
_START_BYTES = GRAINS_PER_DAY // 8


@dataclass(frozen=True, slots=True)
class Chain:
    """A plan without its consultant: cost of waiting, gaps and days, and (day of the horizon, half hour) by meeting.

    Chains compare as the contract breaks ties: by cost, then by starts, meeting by meeting.
    """

    cost: int
    starts: tuple[tuple[int, int], ...]


def days_with_start(starts: int, days: int) -> int:
    """Day bitmap of the days that hold at least one start."""
    for step in (24, 12, 6, 3):
        starts |= starts >> step
    starts |= starts >> 1 | starts >> 2
    lowest = starts.to_bytes(days * _START_BYTES, "little")[::_START_BYTES]
    return int.from_bytes(lowest, "little") & _every_day(days)


def first_unreached(ground: Ground, day_sets: Sequence[int]) -> int | None:
    """The first meeting in plan order that no chain from the first meeting reaches."""
    reached = _first_days(ground)
    for place, meeting in enumerate(ground.problem.meetings):
        if place and meeting.gap is not None:
            reached = _after(reached, meeting.gap, ground.days)
        reached &= day_sets[place]
        if not reached:
            return place
    return None


def days_that_lead_on(ground: Ground, day_sets: Sequence[int]) -> list[int]:
    """Per meeting, the days from which the meetings after it can all be reached; none for the first: no chain."""
    onward = list(day_sets)
    for place in range(len(onward) - 1, 0, -1):
        gap = ground.problem.meetings[place].gap
        if gap is not None:
            onward[place - 1] &= _before(onward[place], gap, ground.days)
    onward[0] &= _first_days(ground)
    return onward


def cheapest_chain(ground: Ground, starts: Sequence[int], limit: int | None = None) -> Chain | None:
    """The cheapest chain over the starts of each kind of meeting; None where there is none, or none within the limit."""
    if not starts:
        # A repair with no meeting left to come.
        return Chain(0, ())
    by_kind = [days_with_start(bits, ground.days) for bits in starts]
    onward = days_that_lead_on(ground, [by_kind[kind] for kind in ground.kind_index])
    if not onward[0]:
        return None
    return _Search(ground, starts, onward).best(limit)


class _Search:
    """Costs of the rest of a course by meeting and day, found when asked for and remembered."""

    def __init__(self, ground: Ground, starts: Sequence[int], onward: Sequence[int]) -> None:
        self._ground = ground
        kept = self._kept = ground.kept
        size = ground.days * _START_BYTES
        self._starts = [starts[kind].to_bytes(size, "little") for kind in ground.kind_index]
        self._preferred = [ground.preferred[kind] for kind in ground.kind_index]
        self._onward = [days.to_bytes(ground.days, "little") for days in onward]
        self._gaps = [meeting.gap for meeting in ground.problem.meetings]
        self._gap_day = ground.problem.weights.gap_day
        self._outside = ground.problem.weights.outside_preferred
        # A lower bound on the cost from each meeting on: it must pay where no start at all is preferred.
        self._floor = [0] * (len(self._gaps) + 1)
        for place in range(len(self._gaps) - 1, -1, -1):
            kind = ground.kind_index[place]
            must_pay = not starts[kind] & ground.preferred_daily[kind]
            self._floor[place] = self._floor[place + 1] + (self._outside if must_pay else 0)
            if kept is not None and not kept.has(place, starts[kind]):
                self._floor[place] += kept.move_cost
        # Per meeting: day -> (cost of this and all later meetings, half hour of this one, day of the next one).
        self._known: list[dict[int, tuple[int, int, int]]] = [{} for _ in self._gaps]

    def best(self, limit: int | None) -> Chain | None:
        gap = self._gaps[0]
        if gap is not None and self._kept is not None and self._kept.after is not None:
            cost, first = self._step(0, self._kept.after, gap)
            return None if first < 0 or (limit is not None and cost > limit) else self._chain(cost, first)
        wait_day = self._ground.problem.weights.wait_day
        best, best_day = limit, -1
        for day in range(self._ground.days):
            bound = wait_day * day + self._floor[0]
            # A later day loses ties, but the limit itself may be reached.
            if best is not None and (bound > best or (best_day >= 0 and bound == best)):
                break
            if self._onward[0][day]:
                cost = wait_day * day + self._rest(0, day)
                if best is None or cost < best or (cost == best and best_day < 0):
                    best, best_day = cost, day
        return None if best is None or best_day < 0 else self._chain(best, best_day)

    def _chain(self, cost: int, day: int) -> Chain:
        path = []
        for known in self._known:
            _, half_hour, following = known[day]
            path.append((day, half_hour))
            day = following
        return Chain(cost, tuple(path))

    def _rest(self, place: int, day: int) -> int:
        """Cost of the meeting on that day and of all later ones."""
        known = self._known[place].get(day)
        if known is None:
            known = self._known[place][day] = self._find(place, day)
        return known[0]

    def _find(self, place: int, day: int) -> tuple[int, int, int]:
        own, half_hour = self._own(place, day)
        gap = self._gaps[place + 1] if place + 1 < len(self._gaps) else None
        if gap is None:
            return own, half_hour, -1
        cost, following = self._step(place + 1, day, gap)
        return own + cost, half_hour, following

    def _own(self, place: int, day: int) -> tuple[int, int]:
        """Cost of the meeting's day and hour, and the earliest half hour that has it."""
        starts = int.from_bytes(self._starts[place][day * _START_BYTES : (day + 1) * _START_BYTES], "little")
        cost = self._ground.day_cost[day]
        preferred = starts & self._preferred[place]
        if self._kept is not None:
            kept_day, kept_half_hour = self._kept.starts[place]
            if kept_day == day and starts >> kept_half_hour & 1:
                # Nothing else is worth a move.
                return cost + (0 if preferred >> kept_half_hour & 1 else self._outside), kept_half_hour
            cost += self._kept.move_cost
        chosen = preferred or starts
        return cost + (0 if preferred else self._outside), (chosen & -chosen).bit_length() - 1

    def _step(self, place: int, day: int, gap: GapDays) -> tuple[int, int]:
        """Cheapest gap and rest from a meeting's day to the next meeting, and that meeting's day; the earlier on ties."""
        days, onward = self._ground.days, self._onward[place]
        ideal = day + gap.ideal
        earliest, latest = max(day + gap.min, 0), min(day + gap.max, days - 1)
        best, best_day = -1, -1
        # Outward from the ideal day: every further step costs more, so the search may stop early.
        for off in range(max(ideal - latest, 0), max(ideal - earliest, latest - ideal) + 1):
            off_cost = self._gap_day * off
            if best_day >= 0 and off_cost + self._floor[place] > best:
                break
            early, late = ideal - off, ideal + off
            if early >= earliest and onward[early]:
                cost = off_cost + self._rest(place, early)
                if best_day < 0 or cost <= best:
                    best, best_day = cost, early
            if off and late <= latest and onward[late]:
                cost = off_cost + self._rest(place, late)
                if best_day < 0 or cost < best:
                    best, best_day = cost, late
        return best, best_day


def _every_day(days: int) -> int:
    return int.from_bytes(b"\x01" * days, "little")


def _first_days(ground: Ground) -> int:
    """Days on which the first meeting may lie: all, but for a repair in which a meeting before it is past."""
    kept, gap = ground.kept, ground.problem.meetings[0].gap
    if kept is None or kept.after is None or gap is None:
        return _every_day(ground.days)
    low, high = max(kept.after + gap.min, 0), min(kept.after + gap.max, ground.days - 1)
    return _every_day(high - low + 1) << low * _DAY_BITS if low <= high else 0


def _after(days: int, gap: GapDays, total: int) -> int:
    """Days that lie an allowed gap after one of the days."""
    if gap.min >= total:
        return 0
    return _spread_up(days << gap.min * _DAY_BITS, min(gap.max, total) - gap.min) & _every_day(total)


def _before(days: int, gap: GapDays, total: int) -> int:
    """Days that lie an allowed gap before one of the days."""
    if gap.min >= total:
        return 0
    bits, left = days >> gap.min * _DAY_BITS, min(gap.max, total) - gap.min
    done = 0
    while done < left:
        step = min(done + 1, left - done)
        bits |= bits >> step * _DAY_BITS
        done += step
    return bits


def _spread_up(bits: int, left: int) -> int:
    done = 0
    while done < left:
        step = min(done + 1, left - done)
        bits |= bits << step * _DAY_BITS
        done += step
    return bits
