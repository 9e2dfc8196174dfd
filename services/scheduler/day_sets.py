"""Sets of days as integers of one byte per day, its lowest bit set where the day is in: which days reach each other over the gaps."""

from collections.abc import Sequence
from functools import lru_cache

from services.scheduler.grains import GRAINS_PER_DAY
from services.scheduler.ground import Ground
from services.scheduler.problem import GapDays

_DAY_BITS = 8
_START_BYTES = GRAINS_PER_DAY // 8


def days_with_start(starts: int, days: int) -> int:
    """The days that hold at least one start of a window bitmap."""
    last, below = _last_and_below(days)
    # Within each day, any bit below the last one carries into the last when all of them are added.
    carried = ((starts & below) + below | starts) & last
    marks = carried.to_bytes(days * _START_BYTES, "little")[_START_BYTES - 1 :: _START_BYTES]
    return int.from_bytes(marks, "little") >> _DAY_BITS - 1


@lru_cache(maxsize=64)
def _last_and_below(days: int) -> tuple[int, int]:
    """Window bitmaps of the last half hour of each day, and of all others."""
    last = int.from_bytes((bytes(_START_BYTES - 1) + b"\x80") * days, "little")
    return last, ~last & (1 << days * GRAINS_PER_DAY) - 1


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
    bits, left = days << gap.min * _DAY_BITS, min(gap.max, total) - gap.min
    done = 0
    while done < left:
        step = min(done + 1, left - done)
        bits |= bits << step * _DAY_BITS
        done += step
    return bits & _every_day(total)


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
