"""The booked meetings as the status page lists them. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.intake.course_view import CourseView
from services.intake.meeting_words import PLACES, name_of, planned_meeting
from services.intake.status.answer_rows import AnswerRow, answer_rows
from services.intake.status.cause_words import IN_DOUBT, IN_DOUBT_OTHERWISE
from shared.events import CourseKind, Matter, Meeting
from shared.programme import Programme
from shared.reference.dates import format_span
from shared.words import Language, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """`place` is in words, `address` of the workplace or venue where it is held; `starts` is ISO 8601 with the zone's offset.

    `preparation` is what those who take part do before a meeting that is still to come, `answers` what they have said to it,
    `doubt` why it cannot be held as it is. `has_invite`: the reader's own invite can be fetched.
    """

    meeting_id: str
    name: Words
    starts: str
    span: str
    place: Words
    address: str
    preparation: Words | None
    is_over: bool
    is_to_come: bool
    has_invite: bool
    answers: tuple[AnswerRow, ...]
    doubt: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the rows are told from. `names` are the people's by id, without those who were erased.

    `invited_to` are the meetings for which the reader has an invite of their own.
    """

    kind: CourseKind
    course: CourseView | None
    matter: Matter | None
    names: Mapping[str, str]
    contacts: tuple[str, ...]
    invited_to: Collection[str]
    programme: Programme
    language: Language
    now: datetime


def meeting_rows(meetings: Collection[Meeting], told: Circumstances) -> tuple[MeetingRow, ...]:
    """A row for each meeting."""
    return tuple(_row(one, told) for one in meetings)


def _row(meeting: Meeting, told: Circumstances) -> MeetingRow:
    to_come = meeting.start > told.now
    over = _end(meeting) <= told.now
    return MeetingRow(
        meeting_id=meeting.meeting_id,
        name=name_of(meeting, told.kind, told.programme),
        starts=meeting.start.astimezone(ZoneInfo(meeting.zone)).isoformat(),
        span=span_of(meeting, told.language),
        place=PLACES.get(meeting.place) or Words(da=meeting.place, en=meeting.place),
        address=_address(meeting, told.matter),
        preparation=None if over else _preparation(meeting, told.kind, told.programme),
        is_over=over,
        is_to_come=to_come,
        has_invite=meeting.meeting_id in told.invited_to and not over,
        answers=answer_rows(meeting, told.course, names=told.names, contacts=told.contacts) if to_come else (),
        doubt=_doubt(meeting, told.course) if to_come else None,
    )


def span_of(meeting: Meeting, language: Language) -> str:
    """Date and clock times in words, in the meeting's own zone."""
    return span_at(meeting, meeting.start, language)


def span_at(meeting: Meeting, start: datetime, language: Language) -> str:
    """The same as if the meeting began at the instant `start`."""
    zone = ZoneInfo(meeting.zone)
    # Minutes are counted on the instant, so a clock change within a meeting is told as it is.
    end = start + timedelta(minutes=meeting.minutes)
    return format_span(start.astimezone(zone), end.astimezone(zone), language)


def _end(meeting: Meeting) -> datetime:
    return meeting.start + timedelta(minutes=meeting.minutes)


def _doubt(meeting: Meeting, course: CourseView | None) -> Words | None:
    stall = course.stall if course else None
    if stall is None or meeting.meeting_id not in stall.meetings:
        return None
    return IN_DOUBT.get(stall.cause, IN_DOUBT_OTHERWISE)


def _address(meeting: Meeting, matter: Matter | None) -> str:
    if meeting.place == "online" or matter is None or meeting.workplace >= len(matter.workplaces):
        return ""
    host = matter.workplaces[meeting.workplace]
    return f"{host.name}, {host.street}, {host.postal_code} {host.town}"


def _preparation(meeting: Meeting, kind: CourseKind, programme: Programme) -> Words | None:
    planned = planned_meeting(meeting.code, kind, programme)
    return planned.preparation if planned else None
