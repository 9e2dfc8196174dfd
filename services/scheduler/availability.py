"""When somebody can work or meet, as Python integers: bit i stands for the i-th wall half hour of a horizon.

Two kinds of bitmap: a *window* bitmap begins at midnight of the horizon's first day; a *wide* one begins MARGIN_DAYS
earlier and ends as much later, so that travel around a meeting can be seen beyond the window.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from services.scheduler.clock_changes import Span, grain_of_wall_midnight, spans, steady
from services.scheduler.grains import DAY_MINUTES, GRAIN_MINUTES, GRAIN_SECONDS, GRAINS_PER_DAY

MARGIN_DAYS = 2
MARGIN_GRAINS = MARGIN_DAYS * GRAINS_PER_DAY

DAY_MASK = (1 << GRAINS_PER_DAY) - 1
_DAY_BYTES = GRAINS_PER_DAY // 8
_FIRST_HALF_HOUR = b"\x01" + bytes(_DAY_BYTES - 1)

# Minutes since local midnight, half-open; an end may be 1440.
Interval = tuple[int, int]
# Wall time as a local day and minutes since its midnight.
WallTime = tuple[date, int]


@dataclass(frozen=True)
class Horizon:
    """The days `[first, first + days)` of one zone that a search looks at."""

    first: date
    days: int
    zone: ZoneInfo

    @cached_property
    def wide_first(self) -> date:
        return self.first - timedelta(days=MARGIN_DAYS)

    @property
    def wide_days(self) -> int:
        return self.days + 2 * MARGIN_DAYS

    @cached_property
    def every_day(self) -> int:
        """Window bitmap of the first half hour of each day; times a day's 48 bits it repeats them daily."""
        return int.from_bytes(_FIRST_HALF_HOUR * self.days, "little")

    @cached_property
    def steady(self) -> int:
        """Wide bitmap of the wall half hours that no clock change skips or repeats."""
        return steady(self.zone, self.wide_first, self.wide_days)

    def between(self, first: date, last: date) -> int:
        """Window bitmap of the first half hour of each day from `first` to `last`, both included."""
        low, high = max((first - self.first).days, 0), min((last - self.first).days + 1, self.days)
        if low >= high:
            return 0
        return self.every_day & ((1 << high * GRAINS_PER_DAY) - (1 << low * GRAINS_PER_DAY))

    def on_weekday(self, weekday: int) -> int:
        """Window bitmap of the first half hour of each Monday (0) ... Sunday (6)."""
        weekly = int.from_bytes((_FIRST_HALF_HOUR + bytes(6 * _DAY_BYTES)) * (self.days // 7 + 1), "little")
        return weekly << (weekday - self.first.weekday()) % 7 * GRAINS_PER_DAY & self.every_day

    def without_days(self, days: Iterable[date]) -> int:
        """Window bitmap of every half hour but those of the given days."""
        free = self.every_day * DAY_MASK
        for day in set(days):
            index = (day - self.first).days
            if 0 <= index < self.days:
                free &= ~(DAY_MASK << index * GRAINS_PER_DAY)
        return free


Week = Mapping[int, Sequence[Interval]]
"""Intervals by weekday (Monday is 0); a missing weekday means not available."""


class WorkingHours:
    """Weekly working hours over a horizon, asked for the starts at which a meeting lies inside one interval.

    Adjacent or overlapping intervals are not merged: they lie in separate layers. Consultants with equal hours should
    share one object, since it remembers its answers.
    """

    def __init__(self, horizon: Horizon, week: Week, periods: Iterable[tuple[date, date, Week]] = ()) -> None:
        """Take the ordinary week, and other weeks for periods (first day, last day) that share no day."""
        self._horizon = horizon
        layers: list[int] = []
        ordinary = horizon.every_day
        for first, last, other in periods:
            days = horizon.between(first, last)
            ordinary &= ~days
            _add_layers(layers, horizon, other, days)
        _add_layers(layers, horizon, week, ordinary)
        self._layers = tuple(layers)
        self._starts: dict[int, int] = {}

    def starts(self, grains: int) -> int:
        """Window bitmap of the half hours at which `grains` half hours fit, on one local day."""
        if grains not in self._starts:
            found = 0
            for layer in self._layers:
                found |= runs(layer, grains)
            self._starts[grains] = found & (self._horizon.every_day * day_bits(0, GRAINS_PER_DAY - grains + 1))
        return self._starts[grains]


def runs(bits: int, length: int) -> int:
    """Positions from which `length` bits in a row are set: shift-and-AND, doubling the run with each step."""
    done = 1
    while done < length and bits:
        step = min(done, length - done)
        bits &= bits >> step
        done += step
    return bits


def day_bits(low: int, high: int) -> int:
    """Bits `[low, high)` of one day, cut to the day."""
    low, high = max(low, 0), min(high, GRAINS_PER_DAY)
    return (1 << high) - (1 << low) if low < high else 0


def free_wide(horizon: Horizon, unavailable: Iterable[tuple[WallTime, WallTime]] = ()) -> int:
    """Wide bitmap of what is left after wall-time intervals; a half hour that an interval touches is taken whole."""
    start, size = horizon.wide_first.toordinal() * DAY_MINUTES, horizon.wide_days * GRAINS_PER_DAY
    taken = 0
    for (from_day, from_minute), (to_day, to_minute) in unavailable:
        low = (from_day.toordinal() * DAY_MINUTES + from_minute - start) // GRAIN_MINUTES
        high = -((start - to_day.toordinal() * DAY_MINUTES - to_minute) // GRAIN_MINUTES)
        if low < size and high > 0:
            low, high = max(low, 0), min(high, size)
            taken |= ((1 << high - low) - 1) << low
    return ((1 << size) - 1) & ~taken


def window_of(horizon: Horizon, wide: int) -> int:
    """The window's part of a wide bitmap."""
    return (wide >> MARGIN_GRAINS) & ((1 << horizon.days * GRAINS_PER_DAY) - 1)


def wall_bits(horizon: Horizon, grains: Iterable[int]) -> int:
    """Wide bitmap of the wall half hours that UTC grains fall into, as held claims name them."""
    stretches = spans(horizon.zone, horizon.wide_first, horizon.wide_days)
    begin, end = stretches[0].begin, stretches[-1].end
    marks = bytearray((end - begin + 7) // 8)
    for grain in grains:
        if begin <= grain < end:
            marks[grain - begin >> 3] |= 1 << (grain - begin & 7)
    return _on_the_wall(horizon, stretches, int.from_bytes(marks, "little"))


def wall_bits_from(horizon: Horizon, first: int, bits: int) -> int:
    """The same for a bitmap whose bit i stands for the UTC grain `first + i`, as busy times of a calendar are kept."""
    stretches = spans(horizon.zone, horizon.wide_first, horizon.wide_days)
    ahead = first - stretches[0].begin
    return _on_the_wall(horizon, stretches, bits << ahead if ahead >= 0 else bits >> -ahead)


def _on_the_wall(horizon: Horizon, stretches: Sequence[Span], utc: int) -> int:
    """From a bitmap of UTC grains, which begins with the first stretch, to one of wall half hours."""
    begin, wall = stretches[0].begin, 0
    for span in stretches:
        piece = (utc >> span.begin - begin) & ((1 << span.end - span.begin) - 1)
        whole, rest = divmod(span.offset_seconds, GRAIN_SECONDS)
        at = span.begin + whole - grain_of_wall_midnight(horizon.wide_first)
        placed = piece << at if at >= 0 else piece >> -at
        # A zone that is off the half-hour grid (Nepal) takes both wall half hours that a grain touches.
        wall |= placed | placed << 1 if rest else placed
    return wall & ((1 << horizon.wide_days * GRAINS_PER_DAY) - 1)


def _add_layers(layers: list[int], horizon: Horizon, week: Week, days: int) -> None:
    """Put a week's hours on the given days into window bitmaps in which no two intervals of a day touch."""
    for weekday, intervals in week.items():
        on_days = horizon.on_weekday(weekday) & days
        ends: list[int] = []
        for low, high in sorted((-(-begin // GRAIN_MINUTES), end // GRAIN_MINUTES) for begin, end in intervals):
            place = next((place for place, until in enumerate(ends) if until < low), len(ends))
            ends[place : place + 1] = [high]
            if place == len(layers):
                layers.append(0)
            layers[place] |= on_days * day_bits(low, high)
