"""Writes the iCalendar objects of our invites: one meeting, one recipient, the same bytes for the same arguments.

The rules come from RFC 5545, 5546 and 6047 and from what widely used calendar programs do with such mails. The content
lines are put in order here; escaping, quoting and folding at 75 octets are the icalendar library's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import vCalAddress, vText
from icalendar.parser import Contentline, Parameters

from services.scheduler import vtimezone
from services.scheduler.calendar_text import clean_line, clean_name, clean_text
from shared.mail_address import one_address

PRODUCT_ID = "-//Forloeb//Invites 1//DA"
SEQUENCE_MAX = 2**31 - 1
UID_CHARS_MAX = 200
# The library folds lines that have this many octets without their line end.
FOLDED_OCTETS_MIN = 75

PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]


@dataclass(frozen=True, slots=True)
class CalendarUser:
    """Somebody in a calendar object: a name to show, and the address that is compared when an answer comes back."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One version of one meeting. `start`, `end` and `dtstamp` are aware instants in whole seconds; `zone` is where it takes place."""

    uid: str
    sequence: int
    dtstamp: datetime
    start: datetime
    end: datetime
    zone: str
    summary: str
    description: str
    location: str


@dataclass(frozen=True, slots=True)
class Invite(CalendarEvent):
    """The stored values that one person's copy of one meeting is written from.

    The organizer's address is the plus-address of this meeting and person; the attendee is the recipient, alone.
    `partstat` is the answer known for this `sequence`.
    """

    organizer: CalendarUser
    attendee: CalendarUser
    partstat: PartStat = "NEEDS-ACTION"


def request(invite: Invite) -> bytes:
    """METHOD:REQUEST, for a first invite as for every change. ValueError for values that no invite may have."""
    check(invite)
    attendee = user_line(
        "ATTENDEE",
        invite.attendee,
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT=invite.partstat,
        RSVP="TRUE",
    )
    return calendar_object(
        "REQUEST",
        zone_lines=vtimezone.LINES if uses_zone(invite) else (),
        event_lines=(
            *identity_lines(invite),
            *times_of(invite),
            text_line("SUMMARY", clean_line(invite.summary)),
            text_line("DESCRIPTION", clean_text(invite.description)),
            text_line("LOCATION", clean_line(invite.location)),
            user_line("ORGANIZER", invite.organizer),
            attendee,
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "CLASS:PUBLIC",
        ),
    )


def cancel(invite: Invite, *, whole_meeting: bool = True) -> bytes:
    """METHOD:CANCEL in UTC and without a time zone block, which some programs refuse in a cancellation.

    With `whole_meeting` the meeting is off for everybody; without, this one person is no longer invited, and
    RFC 5546 3.2.5 then forbids STATUS. The sequence must have been raised by the caller, in the write that cancelled.
    """
    check(invite)
    return calendar_object(
        "CANCEL",
        zone_lines=(),
        event_lines=(
            *identity_lines(invite),
            *utc_times(invite),
            text_line("SUMMARY", clean_line(invite.summary)),
            user_line("ORGANIZER", invite.organizer),
            user_line("ATTENDEE", invite.attendee),
            *(("STATUS:CANCELLED",) if whole_meeting else ()),
        ),
    )


def next_dtstamp(now: datetime, last: datetime | None) -> datetime:
    """The DTSTAMP of a change made `now`: whole seconds, and strictly later than the last one of this meeting."""
    current = now.astimezone(UTC).replace(microsecond=0)
    return current if last is None else max(current, last + timedelta(seconds=1))


def check(invite: CalendarEvent) -> None:
    for name in ("dtstamp", "start", "end"):
        moment: datetime = getattr(invite, name)
        if moment.tzinfo is None or moment.microsecond:
            raise ValueError(f"{name} must be an aware instant in whole seconds")
    if invite.end <= invite.start:
        raise ValueError("a meeting ends after it starts")
    if not 0 <= invite.sequence <= SEQUENCE_MAX:
        raise ValueError("the sequence must fit into 31 bits")
    if not (0 < len(invite.uid) <= UID_CHARS_MAX and invite.uid.isascii() and invite.uid.isprintable()):
        raise ValueError("the UID must be printable ASCII")


def calendar_object(method: str, *, zone_lines: tuple[str, ...], event_lines: tuple[str, ...]) -> bytes:
    return calendar_lines((f"METHOD:{method}", *zone_lines, "BEGIN:VEVENT", *event_lines, "END:VEVENT"))


def calendar_lines(lines: Iterable[str]) -> bytes:
    """A whole calendar around its content lines, folded; empty ones are left out."""
    head = ("BEGIN:VCALENDAR", f"PRODID:{PRODUCT_ID}", "VERSION:2.0", "CALSCALE:GREGORIAN")
    return b"".join(_folded(line) + b"\r\n" for line in (*head, *lines, "END:VCALENDAR") if line)


def _folded(line: str) -> bytes:
    octets = line.encode()
    if len(octets) < FOLDED_OCTETS_MIN:
        # Most lines are short, and the library looks at each of their characters.
        return octets
    return bytes(Contentline(line).to_ical())  # type: ignore[no-untyped-call]  # the library has no types


def identity_lines(invite: CalendarEvent) -> tuple[str, ...]:
    return (text_line("UID", invite.uid), f"SEQUENCE:{invite.sequence}", _utc_time("DTSTAMP", invite.dtstamp))


def uses_zone(invite: CalendarEvent) -> bool:
    """Whether its times name the one zone whose rules we send, and need that block."""
    return _local_times(invite) is not None


def times_of(invite: CalendarEvent) -> tuple[str, str]:
    """Start and end, by the clock of the place where that is sure."""
    return _local_times(invite) or utc_times(invite)


def _local_times(invite: CalendarEvent) -> tuple[str, str] | None:
    """Start and end by the clock of the one zone whose rules we send, or None where UTC is the only sure way."""
    starts, ends = vtimezone.wall_time(invite.start), vtimezone.wall_time(invite.end)
    if invite.zone != vtimezone.ZONE or starts is None or ends is None:
        return None
    return f"DTSTART;TZID={vtimezone.ZONE}:{starts}", f"DTEND;TZID={vtimezone.ZONE}:{ends}"


def utc_times(invite: CalendarEvent) -> tuple[str, str]:
    return _utc_time("DTSTART", invite.start), _utc_time("DTEND", invite.end)


def _utc_time(name: str, instant: datetime) -> str:
    return f"{name}:{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def text_line(name: str, value: str) -> str:
    """A text property, or nothing at all where there is no text."""
    return str(Contentline.from_parts(name, Parameters(), vText(value))) if value else ""


def user_line(name: str, user: CalendarUser, **parameters: str) -> str:
    shown = clean_name(user.name)
    return str(
        Contentline.from_parts(
            name,
            Parameters({**parameters, **({"CN": shown} if shown else {})}),
            vCalAddress(f"mailto:{one_address(user.address)}"),
            sorted=False,
        )
    )
