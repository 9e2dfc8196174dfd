"""The shortest stretch of one local day that, were a consultant free in it, would have made her win. Exact and pure.

Meetings lie on different days, and the time claimed for one lies within its local day. So a stretch of one day helps
one meeting at most: it frees a start that was taken, and the best course over that start costs what the start costs,
and the cheapest way to it and on from it over the starts that she had before. Costs are counted in steps so fine that
the day of the first meeting fits in beside them: of equal costs the earlier first day is less, as ties are broken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.scheduler.availability import DAY_MASK, MARGIN_GRAINS
from services.scheduler.contest import Contest
from services.scheduler.decision import Freed
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY
from services.scheduler.ground import Ground, claim_margins
from services.scheduler.positions import lowest, wall_at
from services.scheduler.problem import Consultant, GapDays

Costs = list[int | None]
"""By day; None where there is no way."""


def freed_interval(contest: Contest, consultant: Consultant) -> Freed | None:
    """The shortest stretch, the earliest of equal ones; None where none within one day is enough."""
    always_free = replace(consultant, free=(1 << contest.problem.horizon.wide_days * GRAINS_PER_DAY) - 1)
    if not contest.won_by(always_free):
        return None
    for length, begin in sorted(set(_stretches(contest, consultant, always_free))):
        freed = ((1 << length) - 1) << begin + MARGIN_GRAINS
        if contest.won_by(replace(consultant, free=consultant.free | freed)):
            horizon = contest.problem.horizon
            return Freed(
                start=wall_at(horizon, begin), end=wall_at(horizon, begin + length), minutes=length * GRAIN_MINUTES
            )
    return None


def _stretches(contest: Contest, consultant: Consultant, always_free: Consultant) -> Iterator[tuple[int, int]]:
    """(half hours, position in the window) of each stretch that frees a start over which a course may be cheap enough."""
    ground, step = contest.ground, contest.ground.days
    room = contest.room(consultant)
    if room is not None:
        if room < 0:
            return
        room = room * step + contest.first_day
    kinds = range(len(ground.kinds))
    had = [ground.starts(consultant, kind)[-1] for kind in kinds]
    gained = [ground.starts(always_free, kind)[-1] & ~had[kind] for kind in kinds]
    own = [_own_costs(ground, had[kind], kind) for kind in ground.kind_index]
    gaps = [meeting.gap for meeting in ground.problem.meetings]
    wait_day, gap_day = ground.problem.weights.wait_day * step, ground.problem.weights.gap_day * step
    ways_to = _ways_to([wait_day * day + day for day in range(ground.days)], own, gaps, gap_day, room)
    ways_on = _ways_on(own, gaps, gap_day, room)
    for place, kind in enumerate(ground.kind_index):
        price = _own_costs(ground, gained[kind], kind)
        for day in range(ground.days):
            before, at, after = ways_to[place][day], price[day], ways_on[place][day]
            if before is None or at is None or after is None:
                continue
            if room is None or before + at + after <= room:
                yield from _of_day(ground, consultant, kind, day, gained[kind])


def _of_day(ground: Ground, consultant: Consultant, kind: int, day: int, gained: int) -> Iterator[tuple[int, int]]:
    """The taken part of the claim around each start that a day gains, from its first taken half hour to its last."""
    before, after = claim_margins(ground.problem, consultant, ground.kinds[kind].place)
    taken = ~consultant.free >> MARGIN_GRAINS + day * GRAINS_PER_DAY & DAY_MASK
    starts = gained >> day * GRAINS_PER_DAY & DAY_MASK
    while starts:
        start = lowest(starts)
        starts &= starts - 1
        claim = ((1 << before + ground.kinds[kind].grains + after) - 1) << start - before
        first = lowest(taken & claim)
        yield (taken & claim).bit_length() - first, day * GRAINS_PER_DAY + first


def _own_costs(ground: Ground, starts: int, kind: int) -> Costs:
    """The cheapest start of each day, without gap and waiting, in steps."""
    outside, step = ground.problem.weights.outside_preferred, ground.days
    costs: Costs = []
    for day, day_cost in enumerate(ground.day_cost):
        times = starts >> day * GRAINS_PER_DAY & DAY_MASK
        cost = day_cost + (0 if times & ground.preferred[kind] else outside)
        costs.append(cost * step if times else None)
    return costs


def _ways_to(
    first: Sequence[int], own: Sequence[Costs], gaps: Sequence[GapDays | None], gap_day: int, room: int | None
) -> list[Costs]:
    """Per meeting and day: the cheapest way from the beginning to it, without itself."""
    ways: list[Costs] = [list(first)]
    for place in range(1, len(own)):
        ways.append(_over_gap(ways[-1], own[place - 1], gaps[place], gap_day, room, forward=True))
    return ways


def _ways_on(own: Sequence[Costs], gaps: Sequence[GapDays | None], gap_day: int, room: int | None) -> list[Costs]:
    """Per meeting and day: the cheapest way from it to the end, without itself."""
    ways: list[Costs] = [[0] * len(own[0])]
    for place in range(len(own) - 1, 0, -1):
        ways.append(_over_gap(ways[-1], own[place], gaps[place], gap_day, room, forward=False))
    return ways[::-1]


def _over_gap(ways: Costs, own: Costs, gap: GapDays | None, gap_day: int, room: int | None, *, forward: bool) -> Costs:
    """The ways one meeting further: over its cheapest start of a day and the gap."""
    days = len(ways)
    found: Costs = [None] * days
    if gap is None:
        return found
    for day, (way, price) in enumerate(zip(ways, own, strict=True)):
        if way is None or price is None:
            continue
        for passed in range(gap.min, gap.max + 1):
            other = day + passed if forward else day - passed
            cost = way + price + gap_day * abs(passed - gap.ideal)
            known = found[other] if 0 <= other < days else -1
            if (known is None or cost < known) and (room is None or cost <= room):
                found[other] = cost
    return found
