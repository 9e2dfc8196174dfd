"""Reads from a calendar when somebody is busy, in UTC. Pure, but slow and hungry for some calendars: call it apart (`reader.py`)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.cal import Component
from recurring_ical_events.adapters.event import EventAdapter

from services.scheduler.calendars.busy import Span
from services.scheduler.calendars.faults import CalendarFault
from services.scheduler.calendars.trim import trim

OCCURRENCES_MAX = 5_000
"""In the span; more than a dozen a day is no person's calendar."""

Interval = tuple[datetime, datetime]

_REPEATING = {"RRULE", "RDATE"}
_DAY = timedelta(days=1)
# [MS-OXCICAL], X-MICROSOFT-CDO-BUSYSTATUS. Working elsewhere is work that gives way, as Outlook shows it to others.
_FREE_FOR_MICROSOFT = {"FREE", "WORKINGELSEWHERE"}


@dataclass
class Found:
    """`ours`: what looks like an invite of ours, by its UID. `unreadable`: events that say no time that could be understood."""

    busy: list[Interval] = field(default_factory=list)
    ours: list[tuple[str, Interval]] = field(default_factory=list)
    events: int = 0
    occurrences: int = 0
    unreadable: int = 0


def expand(content: bytes, *, span: Span, zone: ZoneInfo, mail: str, domain: str) -> Found:
    """Everything busy that touches the span.

    Times without a zone are those of the calendar where it names one, else of `zone`; whole days are those of `zone`.
    `mail` is the consultant's own address: what she declined is no appointment. Invites of ours have UIDs that end with
    `@domain`.

    Raises:
        CalendarFault: "not-a-calendar" or "too-complex".

    """
    try:
        calendars = Calendar.from_ical(trim(content, mail=mail), multiple=True)
    except ValueError:
        raise CalendarFault("not-a-calendar") from None
    found = Found()
    for calendar in calendars:
        for series in _by_uid(calendar):
            found.events += len(series)
            try:
                for component, interval in _occurrences(series, calendar, span, zone):
                    _count(found)
                    _sort_in(component, interval, found, mail, domain)
            except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
                # The library stumbles over what is missing or out of range in many ways. One bad entry is no bad calendar.
                found.unreadable += 1
        for component in calendar.walk("VFREEBUSY"):
            for interval in _periods(component, zone, found):
                _count(found)
                found.busy.append(interval)
    found.busy = _merged(found.busy, span)
    return found


def _by_uid(calendar: Calendar) -> Iterable[list[Component]]:
    """Events that belong together: a series with its exceptions. Without a UID each stands for itself."""
    series: dict[object, list[Component]] = {}
    for event in calendar.walk("VEVENT"):
        series.setdefault(event.get("UID") or id(event), []).append(event)
    return series.values()


def _occurrences(
    series: list[Component], calendar: Calendar, span: Span, zone: ZoneInfo
) -> Iterator[tuple[Component, Interval]]:
    if len(series) == 1 and not _REPEATING.intersection(series[0]):
        # Most of a calendar. The library would come to the same, in ten times as long, but for an end in the year 9999.
        alone = EventAdapter(series[0])
        if isinstance(alone.start, datetime) and "X-WR-TIMEZONE" in calendar:
            zone = ZoneInfo(str(calendar["X-WR-TIMEZONE"]))
        interval = _interval(alone.start, alone.end, zone)
        if interval[0] < span.end and interval[1] > span.begin:
            yield series[0], interval
    else:
        yield from _repeated(series, calendar, span, zone)


def _repeated(
    series: list[Component], calendar: Calendar, span: Span, zone: ZoneInfo
) -> Iterator[tuple[Component, Interval]]:
    alone = Calendar()
    if "X-WR-TIMEZONE" in calendar:
        alone["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
    alone.subcomponents = series
    query = recurring_ical_events.of(alone)
    # A day more on both sides: times without a zone are compared as if they were UTC.
    begin, end = span.begin.astimezone(UTC) - _DAY, span.end.astimezone(UTC) + _DAY
    for one in query.series:
        for occurrence in one.between(begin, end):
            component = occurrence.as_component(keep_recurrence_attributes=False)
            interval = _interval(occurrence.start, occurrence.end, zone)
            if interval[0] < span.end and interval[1] > span.begin:
                yield component, interval


def _count(found: Found) -> None:
    found.occurrences += 1
    if found.occurrences > OCCURRENCES_MAX:
        raise CalendarFault("too-complex")


def _sort_in(component: Component, interval: Interval, found: Found, mail: str, domain: str) -> None:
    if _is_free(component, mail) or interval[0] >= interval[1]:
        return
    uid = str(component.get("UID", ""))
    if uid.lower().endswith(f"@{domain.lower()}"):
        found.ours.append((uid, interval))
    else:
        found.busy.append(interval)


def _is_free(component: Component, mail: str) -> bool:
    if _word(component, "STATUS") == "CANCELLED" or _word(component, "TRANSP") == "TRANSPARENT":
        return True
    if _word(component, "X-MICROSOFT-CDO-BUSYSTATUS") in _FREE_FOR_MICROSOFT:
        return True
    attendees = component.get("ATTENDEE", [])
    return any(
        str(one.params.get("PARTSTAT", "")).upper() == "DECLINED" and _is_her(one, mail)
        for one in (attendees if isinstance(attendees, list) else [attendees])
    )


def _is_her(attendee: Any, mail: str) -> bool:
    # Apple names people by other URIs and puts the address into a parameter (RFC 7986, 6.2).
    address = str(attendee).lower().removeprefix("mailto:").strip()
    return mail.lower() in (address, str(attendee.params.get("EMAIL", "")).lower())


def _word(component: Component, name: str) -> str:
    value = component.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value).strip().upper()


def _periods(component: Component, zone: ZoneInfo, found: Found) -> Iterator[Interval]:
    periods = component.get("FREEBUSY", [])
    for period in periods if isinstance(periods, list) else [periods]:
        try:
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield _interval(period.start, period.end, zone)
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            found.unreadable += 1


def _interval(begin: date | datetime, end: date | datetime, zone: ZoneInfo) -> Interval:
    """In UTC. A whole day lasts from midnight to midnight in `zone`, however long that is on the day of a clock change."""
    if not isinstance(begin, datetime) and not isinstance(end, datetime) and end <= begin:
        end = begin + _DAY
    return _instant(begin, zone), _instant(end, zone)


def _instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    try:
        return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        # The last day that there is, as some programs write "for ever".
        return datetime.max.replace(tzinfo=UTC)


def _merged(intervals: list[Interval], span: Span) -> list[Interval]:
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        begin, end = max(begin, span.begin), min(end, span.end)  # noqa: PLW2901 - cut to the span
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged
