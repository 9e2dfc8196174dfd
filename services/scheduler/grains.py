"""Time in grains: half hours of a fixed UTC grid, and the keys under which a course holds them.

A grain number is floor(unix seconds / 1800). Wall time is a local day with minutes since its midnight, beside a zone.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

GRAIN_MINUTES = 30
GRAIN_SECONDS = GRAIN_MINUTES * 60
GRAINS_PER_DAY = 48
DAY_MINUTES = 24 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GRAIN = timedelta(minutes=GRAIN_MINUTES)
_KEY_FORMAT = "%Y-%m-%dT%H:%MZ"
_KEY = re.compile(r"(.+)\|([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):(00|30)Z", re.DOTALL)


class ClockChangeError(ValueError):
    """A wall time that a clock change skips or repeats, so that it names no single instant."""

    def __init__(self, day: date, minute: int, kind: Literal["skipped", "repeated"]) -> None:
        super().__init__(f"{wall_text(day, minute)} is {kind} by a clock change")
        self.kind = kind


def grain_of(instant: datetime) -> int:
    """The grain that holds an aware instant."""
    return (instant - _EPOCH) // _GRAIN


def instant_of(grain: int) -> datetime:
    """The UTC instant at which a grain begins."""
    return _EPOCH + grain * _GRAIN


def grains_between(begin: datetime, end: datetime) -> range:
    """Every grain that `[begin, end)` touches, so a time that is off the grid takes the whole grain around it."""
    return range(grain_of(begin), -((_EPOCH - end) // _GRAIN))


def instant_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time (minute 1440 is the next midnight).

    Raises ClockChangeError where the wall time does not exist or exists twice.
    """
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minute)
    kind = clock_change_at(day, minute, zone)
    if kind is not None:
        raise ClockChangeError(day, minute, kind)
    return wall.astimezone(UTC)


def clock_change_at(day: date, minute: int, zone: ZoneInfo) -> Literal["skipped", "repeated"] | None:
    """Tell whether a clock change of the zone skips or repeats a wall time."""
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minute)
    # PEP 495: around a change the two readings of a wall time differ, and the clock went forward where the later is larger.
    before, after = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    if before is None or after is None or before == after:
        return None
    return "skipped" if before < after else "repeated"


def wall_of(instant: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """The local day and the minute of that day at an instant."""
    wall = instant.astimezone(zone)
    return wall.date(), wall.hour * 60 + wall.minute


def wall_text(day: date, minute: int) -> str:
    """Wall time as "2027-01-12T09:30"; minute 1440 is written as the next midnight."""
    past, rest = divmod(minute, DAY_MINUTES)
    return f"{day + timedelta(days=past)}T{rest // 60:02}:{rest % 60:02}"


def claim_key(consultant: str, grain: int) -> str:
    """The key under which a course holds one half hour of one consultant: "<consultant>|2027-01-12T08:00Z"."""
    return f"{consultant}|{instant_of(grain).strftime(_KEY_FORMAT)}"


def parse_claim_key(key: str) -> tuple[str, int]:
    """The consultant and the grain of a claim key; ValueError where it is none (a capacity key, for instance)."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError("not a claim key: it should look like consultant|2027-01-12T08:00Z")
    consultant, day, hour, minute = found.groups()
    days = date.fromisoformat(day).toordinal() - _EPOCH.toordinal()
    return consultant, days * GRAINS_PER_DAY + int(hour) * 2 + int(minute) // GRAIN_MINUTES


def capacity_key(consultant: str, place: int) -> str:
    """The key for one of a consultant's places for an active course, counted from 0: "<consultant>#<place>"."""
    return f"{consultant}#{place}"


def parse_capacity_key(key: str) -> tuple[str, int]:
    """The consultant and the place of a capacity key; ValueError where it is none."""
    consultant, mark, text = key.rpartition("#")
    if not (mark and consultant and text.isascii() and text.isdigit()):
        raise ValueError("not a capacity key: it should look like consultant#0")
    return consultant, int(text)
