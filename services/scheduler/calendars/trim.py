"""Cuts a calendar down to the lines that say when somebody is busy, before any library reads it. Pure.

What people wrote (titles, notes, places, guests) goes no further than this. Rules whose expansion could take for ever, or that
no appointment needs, refuse the whole calendar; RFC 5545 allows them, and 185 bytes of them keep a machine busy for minutes.
"""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from services.scheduler.calendars.faults import CalendarFault

LINES_MAX = 500_000
LINE_CHARACTERS_MAX = 100_000
EVENTS_MAX = 10_000
ZONES_MAX = 100
PROPERTIES_MAX = 2_000
"""Kept lines of one component; each excluded day of a series may have a line."""
DEPTH_MAX = 6
EXTRA_DATES_MAX = 5_000
EXCLUDED_DATES_MAX = 50_000
RULE_CHARACTERS_MAX = 500
INTERVAL_MAX = 1_000

_CHILDREN = {
    "": {"VCALENDAR"},
    "VCALENDAR": {"VEVENT", "VFREEBUSY", "VTIMEZONE"},
    "VTIMEZONE": {"STANDARD", "DAYLIGHT"},
}
_OFFSETS = {"DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"}
_PROPERTIES = {
    "VCALENDAR": {"X-WR-TIMEZONE"},
    "VEVENT": {
        *("UID", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"),
        *("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "ATTENDEE"),
    },
    "VFREEBUSY": {"FREEBUSY"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": _OFFSETS,
    "DAYLIGHT": _OFFSETS,
}
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_ONE_VALUE_ONLY = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
_FOLD = re.compile(rb"\r?\n[ \t]")


class _Part:
    """A component that is being read: its kept lines, and its kept parts once they have ended."""

    def __init__(self, name: str, *, kept: bool) -> None:
        self.name = name
        self.kept = kept
        self.lines: list[str] = []
        self.zones: list[str] = []
        self.others: list[str] = []

    def text(self) -> list[str]:
        # Zones first: events refer to them, and the library would read everything twice to look ahead.
        return [f"BEGIN:{self.name}", *self.lines, *self.zones, *self.others, f"END:{self.name}"]


class _Counts:
    def __init__(self) -> None:
        self.lines = self.events = self.zones = self.extra_dates = self.excluded_dates = 0

    def check(self) -> None:
        if (
            self.lines > LINES_MAX
            or self.events > EVENTS_MAX
            or self.zones > ZONES_MAX
            or self.extra_dates > EXTRA_DATES_MAX
            or self.excluded_dates > EXCLUDED_DATES_MAX
        ):
            raise CalendarFault("too-complex")


def trim(content: bytes, *, mail: str) -> str:
    """The calendars of a stream, cut down; of the guests only whoever has this address is left.

    Raises:
        CalendarFault: no whole calendar ("not-a-calendar"), or one that is not worth expanding ("too-complex").

    """
    counts, top, stack = _Counts(), _Part("", kept=True), [_Part("", kept=True)]
    stack[0] = top
    for line in _lines(content):
        counts.lines += 1
        counts.check()
        found = _NAME.match(line)
        if found is None:
            continue
        name = found[1].upper()
        if name == "BEGIN":
            _begin(line[found.end() :].strip().upper(), stack, counts)
        elif name == "END":
            _end(line[found.end() :].strip().upper(), stack)
        elif stack[-1].kept and name in _PROPERTIES.get(stack[-1].name, ()):
            _keep(name, line, stack[-1], counts, mail)
    if len(stack) != 1 or not top.others:
        raise CalendarFault("not-a-calendar")
    return "\r\n".join([*top.others, ""])


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of a name as IANA or as Windows gives it; None for names of somebody's own."""
    for one in (name, WINDOWS_TO_OLSON.get(name, "")):
        try:
            return ZoneInfo(one)
        except (LookupError, ValueError, OSError):
            continue
    return None


def _lines(content: bytes) -> Iterator[str]:
    # Unfolded as bytes: a fold may part the bytes of one letter (RFC 5545, 3.1).
    text = _FOLD.sub(b"", content).decode("utf-8-sig", errors="replace")
    for found in re.finditer(r"[^\n]+", text):
        yield found[0].removesuffix("\r")


def _begin(name: str, stack: list[_Part], counts: _Counts) -> None:
    outer = stack[-1]
    if len(stack) > DEPTH_MAX:
        raise CalendarFault("too-complex")
    if not outer.name and name != "VCALENDAR":
        raise CalendarFault("not-a-calendar")
    counts.events += name in ("VEVENT", "VFREEBUSY")
    counts.zones += name in ("VTIMEZONE", "STANDARD", "DAYLIGHT")
    stack.append(_Part(name, kept=outer.kept and name in _CHILDREN.get(outer.name, ())))


def _end(name: str, stack: list[_Part]) -> None:
    part = stack.pop()
    if not stack or part.name != name:
        raise CalendarFault("not-a-calendar")
    if not part.kept:
        return
    if name == "VTIMEZONE":
        # A zone that is known needs no description, and is much faster without.
        described = next((line.partition(":")[2].strip() for line in part.lines if line.upper().startswith("TZID")), "")
        if zone_named(described) is None:
            stack[-1].zones += part.text()
        return
    stack[-1].others += part.text()


def _keep(name: str, line: str, part: _Part, counts: _Counts, mail: str) -> None:
    # Where the library sees the end of a line and this file does not, a rule could hide.
    line = line if line.isprintable() else "".join(sign for sign in line if sign.isprintable())
    if len(line) > LINE_CHARACTERS_MAX or len(part.lines) >= PROPERTIES_MAX:
        raise CalendarFault("too-complex")
    if name == "ATTENDEE" and mail.lower() not in line.lower():
        return
    if name == "RRULE":
        _check_rule(line.partition(":")[2].strip(), zone=part.name != "VEVENT")
    elif name == "RDATE":
        counts.extra_dates += line.count(",") + 1
    elif name == "EXDATE":
        counts.excluded_dates += line.count(",") + 1
    elif name == "X-WR-TIMEZONE":
        zone = zone_named(line.partition(":")[2].strip())
        if zone is None:
            return
        line = f"X-WR-TIMEZONE:{zone.key}"
    part.lines.append(line)


def _check_rule(rule: str, *, zone: bool) -> None:
    """Refuse what repeats within a day, or says one thing twice; the description of a zone repeats by the year."""
    parts = [one.partition("=")[::2] for one in rule.upper().split(";") if one]
    names = [name for name, _ in parts]
    values = dict(parts)
    interval = values.get("INTERVAL", "1")
    if (
        len(rule) > RULE_CHARACTERS_MAX
        or len(names) != len(values)
        or values.get("FREQ") not in ({"YEARLY"} if zone else _FREQUENCIES)
        or any("," in values.get(name, "") for name in _ONE_VALUE_ONLY)
        or not (interval.isascii() and interval.isdigit() and 0 < int(interval) <= INTERVAL_MAX)
    ):
        raise CalendarFault("too-complex")
