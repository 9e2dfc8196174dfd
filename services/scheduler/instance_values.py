"""The values of the file format `forloeb-match/1`: dates, wall times, intervals and the zone, each with its sentence."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, LiteralString
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from services.scheduler.grains import DAY_MINUTES, GRAIN_MINUTES

YEAR_MIN, YEAR_MAX = 1970, 2199

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")


def _wrong(sentence: LiteralString) -> PydanticCustomError:
    return PydanticCustomError("wrong_value", sentence)


def _date(value: object) -> date:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        found = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        found = None
    if found is None or not YEAR_MIN <= found.year <= YEAR_MAX:
        raise _wrong(f'A date is written "2027-01-18", from {YEAR_MIN} to {YEAR_MAX}.')
    return found


def _clock(value: object, *, end: bool) -> int:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    hours, minutes = (int(part) for part in match.groups()) if match else (24, 60)
    whole = hours * 60 + minutes
    if minutes > 59 or whole > DAY_MINUTES or (whole == DAY_MINUTES and not end):  # noqa: PLR2004 - minutes of an hour
        raise _wrong('A time is written "08:30"; "24:00" may only end an interval.')
    return whole


def _wall(value: object, *, end: bool) -> tuple[date, int]:
    day, mark, clock = value.partition("T") if isinstance(value, str) else ("", "", "")
    if not mark:
        raise _wrong('A wall time is written "2027-01-18T08:30", without zone or seconds.')
    return _date(day), _clock(clock, end=end)


def _pair(read: Callable[..., Any]) -> Callable[[object], Any]:
    """Read `[from, to)` with both ends by `read`, and see that it holds some time."""

    def read_pair(value: object) -> Any:
        if not isinstance(value, list) or len(value) != len(("from", "to")):
            raise _wrong("An interval is a list of two times: from and to.")
        begin, end = read(value[0], end=False), read(value[1], end=True)
        if begin >= end:
            raise _wrong("An interval must end after it begins.")
        return begin, end

    return read_pair


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise _wrong('A zone is a name such as "Europe/Copenhagen".') from None
    return value


def _half_hours(value: int) -> int:
    if value < GRAIN_MINUTES or value % GRAIN_MINUTES:
        raise _wrong(f"A meeting lasts a positive multiple of {GRAIN_MINUTES} minutes.")
    return value


def _on_half_hour(value: tuple[date, int]) -> tuple[date, int]:
    if value[1] % GRAIN_MINUTES:
        raise _wrong("A meeting starts on a whole or half hour.")
    return value


Date = Annotated[date, BeforeValidator(_date)]
Zone = Annotated[str, AfterValidator(_zone)]
MeetingMinutes = Annotated[int, AfterValidator(_half_hours)]
# Minutes of a local day, half-open; written ["08:00", "16:00"].
DayInterval = Annotated[tuple[int, int], BeforeValidator(_pair(_clock))]
# Local days with minutes, half-open; written ["2027-02-08T12:00", "2027-02-08T16:00"].
WallInterval = Annotated[tuple[tuple[date, int], tuple[date, int]], BeforeValidator(_pair(_wall))]
# A local day with minutes, which may not be its end; written "2027-02-08T12:00".
WallMoment = Annotated[tuple[date, int], BeforeValidator(lambda value: _wall(value, end=False))]
MeetingStart = Annotated[WallMoment, AfterValidator(_on_half_hour)]
