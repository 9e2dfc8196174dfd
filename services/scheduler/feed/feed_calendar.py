"""Writes the calendar that a program subscribes to (METHOD:PUBLISH): the same meetings, the same bytes. Pure.

Unlike an invite it names no organizer and no attendee: nobody is asked anything here, and no program sends an answer.
"""

from collections.abc import Sequence
from typing import Final

from services.scheduler import invite, vtimezone
from services.scheduler.calendar_text import clean_line, clean_text
from services.scheduler.invite import CalendarEvent, calendar_lines, identity_lines, text_line, times_of, uses_zone

REFRESH_ICAL: Final = "PT1H"
"""How often programs should ask again (RFC 7986 section 5.7)."""


def feed_calendar(meetings: Sequence[CalendarEvent], *, name: str) -> bytes:
    """All of them in one calendar, in the order given. ValueError for values that no calendar may have."""
    lines = [
        "METHOD:PUBLISH",
        text_line("NAME", clean_line(name)),
        text_line("X-WR-CALNAME", clean_line(name)),
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH_ICAL}",
        f"X-PUBLISHED-TTL:{REFRESH_ICAL}",
    ]
    if any(uses_zone(one) for one in meetings):
        lines += vtimezone.LINES
    for one in meetings:
        invite.check(one)
        lines += _event(one)
    return calendar_lines(lines)


def _event(meeting: CalendarEvent) -> list[str]:
    return [
        "BEGIN:VEVENT",
        *identity_lines(meeting),
        *times_of(meeting),
        text_line("SUMMARY", clean_line(meeting.summary)),
        text_line("DESCRIPTION", clean_text(meeting.description)),
        text_line("LOCATION", clean_line(meeting.location)),
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
        "END:VEVENT",
    ]
