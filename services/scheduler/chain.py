"""A course as a chain of days: the cheapest one over the starts that there are, ties to the earlier.

The cost of a plan is additive over meetings and gaps, and gaps depend on days alone. So each day is worth its cheapest
start, and the optimum is a shortest path over (meeting, day), searched from the first day on and only as far as needed:
what the rest of a course costs at places that are always free is worked out once for all, and bounds everybody's search.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.availability import DAY_MASK
from services.scheduler.day_sets import days_that_lead_on, days_with_start
from services.scheduler.grains import GRAINS_PER_DAY
from services.scheduler.ground import Costs, Ground, Option

ASKED_OFTEN = 4
"""Times that a day is asked what may follow it, after which it pays to have that in order."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A plan without its consultant: cost of waiting, gaps and days, and (day of the horizon, half hour) by meeting.

    Chains compare as the contract breaks ties: by cost, then by starts, meeting by meeting.
    """

    cost: int
    starts: tuple[tuple[int, int], ...]


def cheapest_chain(ground: Ground, starts: Sequence[int], limit: int | None = None) -> Chain | None:
    """The cheapest chain over the starts of each kind of meeting; None where there is none, or none within the limit.

    The starts must be among those that the places allow.
    """
    if not starts:
        # A repair with no meeting left to come.
        return Chain(0, ())
    onward = _onward(ground, starts)
    if onward is None:
        return None
    if ground.least is None:
        cheapest_of_all(ground)
    return _Search(ground, starts, onward, ground.least).best(limit)


def cheapest_of_all(ground: Ground) -> Chain | None:
    """The best chain that the places allow: nobody's is better. What it finds out bounds every later search on this ground."""
    starts = [ground.site_starts(kind) for kind in range(len(ground.kinds))]
    onward = _onward(ground, starts) if starts else None
    if onward is None:
        return None if starts else Chain(0, ())
    search = _Search(ground, starts, onward, None)
    ground.least = search
    return search.best(None)


def _onward(ground: Ground, starts: Sequence[int]) -> list[bytes] | None:
    """By meeting, 1 for each day from which the rest of the course can be reached; None where there is no chain."""
    by_kind = [days_with_start(bits, ground.days) for bits in starts]
    onward = days_that_lead_on(ground, [by_kind[kind] for kind in ground.kind_index])
    return [days.to_bytes(ground.days, "little") for days in onward] if onward[0] else None


class _Search:
    """Costs of the rest of a course by meeting and day, found when asked for and remembered."""

    def __init__(self, ground: Ground, starts: Sequence[int], onward: Sequence[bytes], least: Costs | None) -> None:
        self._ground = ground
        self._starts = starts
        self._onward = onward
        self._least = least
        # By meeting: day -> cost of it and all later ones, and day -> day of the next one.
        self.known: list[dict[int, int]] = [{} for _ in onward]
        self._next: list[dict[int, int]] = [{} for _ in onward]
        # By meeting: day of the meeting before -> times asked, or what may follow it.
        self._asked: list[dict[int, int]] = [{} for _ in onward]
        self._options: list[dict[int, Sequence[Option]]] = [{} for _ in onward]

    def best(self, limit: int | None) -> Chain | None:
        ground = self._ground
        most = ground.endless if limit is None else limit
        if ground.kept is not None and ground.kept.after is not None and ground.problem.meetings[0].gap is not None:
            cost, first = self._step(0, ground.kept.after)
            return None if first < 0 or cost > most else self._chain(cost, first)
        wait_day, floor, firsts = ground.problem.weights.wait_day, ground.floors[0], self._onward[0]
        found = -1
        day = firsts.find(1)
        while day >= 0:
            # A later day loses ties, but the limit itself may be reached.
            worth = most - (found >= 0) - wait_day * day
            if floor > worth:
                break
            if self._least is None or self._least.cost(0, day) <= worth:
                cost = self.cost(0, day)
                if cost <= worth:
                    most, found = wait_day * day + cost, day
            day = firsts.find(1, day + 1)
        return None if found < 0 else self._chain(most, found)

    def cost(self, place: int, day: int) -> int:
        """Cost of the meeting on that day, which must lead on, and of all later ones."""
        known = self.known[place].get(day)
        if known is not None:
            return known
        cost = self._own(place, day)[0]
        if place + 1 < len(self._onward):
            rest, following = self._step(place + 1, day)
            self._next[place][day] = following
            cost += rest
        self.known[place][day] = cost
        return cost

    def _step(self, place: int, before: int) -> tuple[int, int]:
        """Cheapest gap and rest from the day of the meeting before, and the meeting's day; the earlier on ties."""
        options = None if self._least is None else self._least.options(place, before)
        if options is not None:
            return self._first_of(options, place)
        days, onward = self._ground.days, self._onward[place]
        # Without a bound of its own, its own answers: it is asked for what it has to know anyway.
        least = self._least or self
        known = least.known[place]
        floor = self._ground.floors[place]
        best, best_day = self._ground.endless, -1
        for gap, gap_cost in self._ground.gaps[place]:
            if gap_cost + floor > best:
                break
            day = before + gap
            if not (0 <= day < days and onward[day]):
                continue
            bound = known.get(day)
            if bound is None:
                bound = least.cost(place, day)
            worth = best - gap_cost - (day > best_day)
            if bound <= worth:
                cost = self.cost(place, day)
                if cost <= worth:
                    best, best_day = gap_cost + cost, day
        return best, best_day

    def options(self, place: int, before: int) -> Sequence[Option] | None:
        """What may follow the meeting before, by (least cost, day); None until it was asked for often."""
        known = self._options[place].get(before)
        if known is None:
            times = self._asked[place][before] = self._asked[place].get(before, 0) + 1
            if times > ASKED_OFTEN:
                onward = self._onward[place]
                days = ((before + gap, gap_cost) for gap, gap_cost in self._ground.gaps[place])
                reached = [(day, gap_cost) for day, gap_cost in days if 0 <= day < self._ground.days and onward[day]]
                known = sorted((gap_cost + self.cost(place, day), day, gap_cost) for day, gap_cost in reached)
                self._options[place][before] = known
        return known

    def _first_of(self, options: Sequence[Option], place: int) -> tuple[int, int]:
        """The answer of `_step`, found in few steps: no later option costs less than the one at hand does at least."""
        onward = self._onward[place]
        best, best_day = self._ground.endless, -1
        for bound, day, gap_cost in options:
            if bound > best or (bound == best and day > best_day):
                break
            if onward[day]:
                cost = gap_cost + self.cost(place, day)
                if cost < best or (cost == best and day < best_day):
                    best, best_day = cost, day
        return best, best_day

    def _own(self, place: int, day: int) -> tuple[int, int]:
        """Cost of the meeting's day and hour, and the earliest half hour that has it."""
        ground = self._ground
        kind = ground.kind_index[place]
        starts = self._starts[kind] >> day * GRAINS_PER_DAY & DAY_MASK
        cost, outside = ground.day_cost[day], ground.problem.weights.outside_preferred
        preferred = starts & ground.preferred[kind]
        if ground.kept is not None:
            booked = ground.kept.starts[place]
            if booked is not None and booked[0] == day and starts >> booked[1] & 1:
                # Nothing else is worth a move.
                return cost + (0 if preferred >> booked[1] & 1 else outside), booked[1]
            cost += ground.kept.moved(place)
        chosen = preferred or starts
        return cost + (0 if preferred else outside), (chosen & -chosen).bit_length() - 1

    def _chain(self, cost: int, day: int) -> Chain:
        path = []
        for place, following in enumerate(self._next):
            path.append((day, self._own(place, day)[1]))
            day = following.get(day, -1)
        return Chain(cost, tuple(path))
