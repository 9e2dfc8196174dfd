"""How near a consultant came who was ruled out: the numbers behind the rule that did it. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from services.scheduler.availability import DAY_MASK, MARGIN_GRAINS, runs, window_of
from services.scheduler.grains import GRAIN_MINUTES, GRAINS_PER_DAY, wall_text
from services.scheduler.ground import Ground, claim_margins
from services.scheduler.near_facts import (
    AllClosed,
    ClockChange,
    Full,
    GapMissed,
    LongDay,
    NearMiss,
    PlaceBusy,
    ShortHours,
    ShortStretch,
    ShortTravel,
)
from services.scheduler.outcome import Infeasible
from services.scheduler.positions import date_at, day_numbers, lowest, wall_at
from services.scheduler.problem import Consultant


def near_miss(ground: Ground, consultant: Consultant, refused: Infeasible) -> NearMiss | None:
    """The numbers behind a refusal; None for a rule that has none."""
    if refused.rule == "capacity":
        return Full(active_courses=consultant.active_courses, max_courses=consultant.max_courses)
    work_out = _BY_RULE.get(refused.rule)
    if work_out is None:
        return None
    codes = [meeting.code for meeting in ground.problem.meetings]
    return work_out(ground, consultant, codes.index(str(refused.detail)))


def _hours(ground: Ground, consultant: Consultant, place: int) -> NearMiss:
    kind = ground.kinds[ground.kind_index[place]]
    site = ground.problem.sites[kind.place]
    common = _largest(kind.grains, lambda grains: consultant.hours.starts(grains) & site.hours.starts(grains))
    if common == kind.grains:
        return ClockChange()
    return ShortHours(needed_minutes=kind.grains * GRAIN_MINUTES, common_minutes=common * GRAIN_MINUTES)


def _closed(ground: Ground, consultant: Consultant, place: int) -> NearMiss:
    days = day_numbers(ground.starts(consultant, ground.kind_index[place])[0], ground.days)
    return AllClosed(
        days=len(days), first=date_at(ground.problem.horizon, days[0]), last=date_at(ground.problem.horizon, days[-1])
    )


def _busy(ground: Ground, consultant: Consultant, place: int) -> NearMiss:
    index = ground.kind_index[place]
    kind = ground.kinds[index]
    site = ground.problem.sites[kind.place]
    candidates = ground.starts(consultant, index)[1] & runs(site.free, kind.grains)
    if not candidates:
        return PlaceBusy()
    before, after = claim_margins(ground.problem, consultant, kind.place)

    def fits(margin_before: int, margin_after: int) -> int:
        claim = runs(consultant.free, margin_before + kind.grains + margin_after)
        return claim >> MARGIN_GRAINS - margin_before & candidates

    def fitting(kept: int) -> list[tuple[int, int, int]]:
        """(start, half hours before, after) for each way to keep so many half hours of travel that fits somewhere."""
        ways = [(left, kept - left) for left in range(max(kept - after, 0), min(kept, before) + 1)]
        found = ((fits(*way), *way) for way in ways)
        return [(lowest(starts), -left, right) for starts, left, right in found if starts]

    if not fits(0, 0):
        return _short_stretch(ground, consultant, candidates, kind.grains)
    # Her claim as a whole fits nowhere: at most one half hour less does.
    start, left, free_after = min(fitting(_largest(before + after, fitting)))
    return ShortTravel(
        day=date_at(ground.problem.horizon, start // GRAINS_PER_DAY),
        start=wall_at(ground.problem.horizon, start),
        travel_minutes=consultant.travel_minutes[kind.place],
        setup_minutes=ground.problem.setup_minutes,
        free_before=-left * GRAIN_MINUTES,
        free_after=free_after * GRAIN_MINUTES,
    )


def _short_stretch(ground: Ground, consultant: Consultant, candidates: int, grains: int) -> ShortStretch:
    free = window_of(ground.problem.horizon, consultant.free)

    def within(length: int) -> int:
        """Starts of the meeting during which so many half hours in a row are free."""
        stretches, found = runs(free, length), 0
        for offset in range(grains - length + 1):
            found |= stretches >> offset & candidates
        return found

    longest = _largest(grains, within)
    return ShortStretch(
        needed_minutes=grains * GRAIN_MINUTES,
        free_minutes=longest * GRAIN_MINUTES,
        day=date_at(ground.problem.horizon, lowest(within(longest)) // GRAINS_PER_DAY) if longest else None,
    )


def _travel(ground: Ground, consultant: Consultant, place: int) -> NearMiss:
    index = ground.kind_index[place]
    kind = ground.kinds[index]
    starts = ground.starts(consultant, index)[2]
    before, after = claim_margins(ground.problem, consultant, kind.place)
    earliest, latest = ground.problem.travel_hours

    def excess(start: int) -> int:
        """Minutes that the claim lies outside the hours in which consultants travel."""
        leaves = (start - before) * GRAIN_MINUTES
        home = (start + kind.grains + after) * GRAIN_MINUTES
        return max(earliest - leaves, 0) + max(home - latest, 0)

    by_time = _first_by_time_of_day(starts)
    time = min(by_time, key=lambda one: (excess(one), one))
    if not excess(time):
        return ClockChange()
    day = date_at(ground.problem.horizon, by_time[time])
    return LongDay(
        day=day,
        start=wall_text(day, time * GRAIN_MINUTES),
        leaves=wall_text(day, (time - before) * GRAIN_MINUTES),
        home=wall_text(day, (time + kind.grains + after) * GRAIN_MINUTES),
        earliest=earliest,
        latest=latest,
    )


def _gaps(ground: Ground, consultant: Consultant, place: int) -> NearMiss | None:
    meetings = ground.problem.meetings
    days = [day_numbers(ground.starts(consultant, kind)[-1], ground.days) for kind in ground.kind_index]
    reached = days[0]
    for number in range(1, place):
        gap = meetings[number].gap
        if gap is not None:
            reached = [day for day in days[number] if _any_within(reached, day - gap.max, day - gap.min)]
    gap = meetings[place].gap
    if gap is None:
        return None
    options = []
    for day in days[place]:
        # The gaps that are just too short and just too long for this day.
        at = bisect_right(reached, day - gap.min)
        if at < len(reached) and reached[at] < day:
            options.append((gap.min - (day - reached[at]), reached[at], day))
        at = bisect_left(reached, day - gap.max) - 1
        if at >= 0:
            options.append((day - reached[at] - gap.max, reached[at], day))
    if not options:
        return GapMissed(min_days=gap.min, max_days=gap.max)
    _, before, day = min(options)
    return GapMissed(
        min_days=gap.min,
        max_days=gap.max,
        nearest_days=day - before,
        before=date_at(ground.problem.horizon, before),
        day=date_at(ground.problem.horizon, day),
    )


_BY_RULE: dict[str, Callable[[Ground, Consultant, int], NearMiss | None]] = {
    "hours": _hours,
    "closed": _closed,
    "busy": _busy,
    "travel": _travel,
    "gaps": _gaps,
}


def _largest(most: int, holds: Callable[[int], object]) -> int:
    """The largest number from 1 to `most` that holds, where all smaller ones hold too; 0 where none does."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _any_within(numbers: Sequence[int], low: int, high: int) -> bool:
    at = bisect_left(numbers, low)
    return at < len(numbers) and numbers[at] <= high


def _first_by_time_of_day(starts: int) -> dict[int, int]:
    """Half hour of the day -> the first day on which a meeting can start then."""
    found: dict[int, int] = {}
    day = 0
    while starts:
        times = starts & DAY_MASK
        while times:
            found.setdefault(lowest(times), day)
            times &= times - 1
        starts >>= GRAINS_PER_DAY
        day += 1
    return found
