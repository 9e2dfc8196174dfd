"""The booked meetings as the status page lists them. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.intake.answers import PLACES, meeting_name, planned_meeting
from shared.events import CourseKind, Matter, Meeting
from shared.programme import Programme
from shared.reference.dates import format_span
from shared.words import Language, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """`place` is in words, `address` of the workplace where it is held; `starts` is ISO 8601 with the zone's offset.

    `preparation` is what those who take part do before a meeting that is still to come.
    `has_invite`: the reader's own invite can be fetched.
    """

    meeting_id: str
    name: Words
    starts: str
    span: str
    place: Words
    address: str
    preparation: Words | None
    is_over: bool
    has_invite: bool


def meeting_rows(
    meetings: Collection[Meeting],
    *,
    kind: CourseKind,
    matter: Matter | None,
    invited_to: Collection[str],
    programme: Programme,
    language: Language,
    now: datetime,
) -> tuple[MeetingRow, ...]:
    """A row for each meeting. `invited_to` are the meetings for which the reader has an invite of their own."""
    return tuple(
        MeetingRow(
            meeting_id=one.meeting_id,
            name=meeting_name(one.code, kind, programme),
            starts=one.start.astimezone(ZoneInfo(one.zone)).isoformat(),
            span=span_of(one, language),
            place=PLACES.get(one.place) or Words(da=one.place, en=one.place),
            address=_address(one, matter),
            preparation=_preparation(one, kind, programme) if _end(one) > now else None,
            is_over=_end(one) <= now,
            has_invite=one.meeting_id in invited_to and _end(one) > now,
        )
        for one in meetings
    )


def span_of(meeting: Meeting, language: Language) -> str:
    """Date and clock times in words, in the meeting's own zone."""
    zone = ZoneInfo(meeting.zone)
    # Minutes are counted on the instant, so a clock change within a meeting is told as it is.
    return format_span(meeting.start.astimezone(zone), _end(meeting).astimezone(zone), language)


def _end(meeting: Meeting) -> datetime:
    return meeting.start + timedelta(minutes=meeting.minutes)


def _address(meeting: Meeting, matter: Matter | None) -> str:
    if meeting.place != "workplace" or matter is None or meeting.workplace >= len(matter.workplaces):
        return ""
    host = matter.workplaces[meeting.workplace]
    return f"{host.name}, {host.street}, {host.postal_code} {host.town}"


def _preparation(meeting: Meeting, kind: CourseKind, programme: Programme) -> Words | None:
    planned = planned_meeting(meeting.code, kind, programme)
    return planned.preparation if planned else None
