"""When a counter proposal wants the meeting to be: as an instant, or not at all. Pure.

Programs name zones as IANA does, as Windows does, with a path before them, or only by a definition in the same object. A time
that floats, a whole day, or an end before the beginning is no proposal that a machine may act on.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from services.intake.imip.content_lines import Component, Line
from services.intake.imip.defined_zone import offset_at

_TIME: Final = re.compile(r"([0-9]{8})T([0-9]{6})(Z?)")
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,3})W)?(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})S)?)?", re.IGNORECASE
)
YEAR_MAX: Final = 9_000
"""Behind it, adding a duration fails, and so do the clocks of some programs."""
ZONE_NAME_CHARACTERS_MAX: Final = 100


def instant(line: Line | None, calendar: Component) -> datetime | None:
    """The instant in UTC that a date-time property means; None where that cannot be told."""
    found = _TIME.fullmatch(line.value.strip()) if line else None
    if line is None or found is None:
        return None
    try:
        local = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007 - its zone follows
        zone = UTC if found[3] else _zone(line.parameters.get("TZID", ""), local, calendar)
        return None if zone is None else local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def proposal(event: Component, calendar: Component) -> tuple[datetime | None, datetime | None]:
    """Begin and end of what a COUNTER proposes; no begin where it cannot be read, no end where none is told."""
    begin = instant(_only(event, "DTSTART"), calendar)
    if begin is None or begin.year >= YEAR_MAX:
        return None, None
    end_line, duration = _only(event, "DTEND"), event.one("DURATION")
    end = instant(end_line, calendar)
    if end_line is None and duration is not None:
        end = _after(begin, duration)
    told = bool(event.all("DTEND")) or duration is not None
    return (None, None) if told and (end is None or end <= begin) else (begin, end)


def _only(event: Component, name: str) -> Line | None:
    lines = event.all(name)
    return lines[0] if len(lines) == 1 else None


def _after(begin: datetime, duration: str) -> datetime | None:
    found = _DURATION.fullmatch(duration)
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return begin + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _zone(name: str, wall: datetime, calendar: Component) -> tzinfo | None:
    if not name or len(name) > ZONE_NAME_CHARACTERS_MAX:
        return None
    if name.upper() in ("UTC", "GMT", "ETC/UTC"):
        return UTC
    # "/example.org/2026a/Europe/Copenhagen": what libical and Mozilla put before a name.
    for candidate in (name, WINDOWS_TO_OLSON.get(name, ""), "/".join(name.split("/")[-2:])):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except (ValueError, OSError, KeyError):  # no such name, a name that is a folder, not a name at all
            continue
    defined = [zone for zone in calendar.parts("VTIMEZONE") if zone.one("TZID") == name]
    return offset_at(defined[0], wall) if defined else None
