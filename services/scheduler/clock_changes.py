"""What a zone's clock changes do to a stretch of time: UTC offsets span by span, and the wall half hours that exist once."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.scheduler.grains import GRAIN_SECONDS, GRAINS_PER_DAY, instant_of

_EPOCH_DAY = date(1970, 1, 1)
_BLOCK = 64 * GRAINS_PER_DAY


class Span(NamedTuple):
    """The UTC grains `[begin, end)` over which a zone keeps one offset from UTC."""

    begin: int
    end: int
    offset_seconds: int


@lru_cache(maxsize=128)
def spans(zone: ZoneInfo, first: date, days: int) -> tuple[Span, ...]:
    """The offsets of a zone, in order, over at least the wall days `first` to `first + days - 1`.

    Two changes within 24 hours are taken for one; no zone of today has such a day.
    """
    begin = grain_of_wall_midnight(first - timedelta(days=1))
    end = grain_of_wall_midnight(first + timedelta(days=days + 1))
    found: list[Span] = []
    since, offset = begin, _offset_seconds(zone, begin)
    for block in range(begin // _BLOCK, (end - 1) // _BLOCK + 1):
        for change, after in _changes(zone, block):
            if begin < change < end:
                found.append(Span(since, change, offset))
                since, offset = change, after
    return (*found, Span(since, end, offset))


@lru_cache(maxsize=1024)
def _changes(zone: ZoneInfo, block: int) -> tuple[tuple[int, int], ...]:
    """The first grains with a new offset, and that offset in seconds: after the first grain of a block, to that of the next one.

    Looked for in blocks, since horizons differ with every application while the changes stay.
    """
    found: list[tuple[int, int]] = []
    offset = _offset_seconds(zone, block * _BLOCK)
    for grain in range(block * _BLOCK, (block + 1) * _BLOCK, GRAINS_PER_DAY):
        after = _offset_seconds(zone, grain + GRAINS_PER_DAY)
        if after != offset:
            day = range(grain + 1, grain + GRAINS_PER_DAY + 1)
            found.append((next(at for at in day if _offset_seconds(zone, at) != offset), after))
            offset = after
    return tuple(found)


def grain_of_wall_midnight(day: date) -> int:
    """Number of a day's first half hour on the wall grid: wall time counted as if its zone were UTC."""
    return (day - _EPOCH_DAY).days * GRAINS_PER_DAY


def steady(zone: ZoneInfo, first: date, days: int) -> int:
    """Bitmap of the wall half hours from midnight of `first` that exist exactly once: neither skipped nor repeated."""
    start = grain_of_wall_midnight(first) * GRAIN_SECONDS
    inner: list[int] = []
    touched: list[int] = []
    for begin, end, offset in spans(zone, first, days):
        low, high = begin * GRAIN_SECONDS + offset - start, end * GRAIN_SECONDS + offset - start
        inner.append(_ones(-(-low // GRAIN_SECONDS), high // GRAIN_SECONDS, days))
        touched.append(_ones(low // GRAIN_SECONDS, -(-high // GRAIN_SECONDS), days))
    once = 0
    for place, bits in enumerate(inner):
        elsewhere = 0
        for other, more in enumerate(touched):
            elsewhere |= more if other != place else 0
        once |= bits & ~elsewhere
    return once


def _ones(low: int, high: int, days: int) -> int:
    low, high = max(low, 0), min(high, days * GRAINS_PER_DAY)
    return ((1 << high - low) - 1) << low if low < high else 0


def _offset_seconds(zone: ZoneInfo, grain: int) -> int:
    offset = instant_of(grain).astimezone(zone).utcoffset() or timedelta(0)
    return offset // timedelta(seconds=1)
