"""Which mails a change of a course will send, told before it is made. Pure.

The rule is the notifier's: for each person the difference between what she was told and what is true then. Services do not
share code, so it is written twice; a test has both look at the same changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.scheduler.course import BookedMeeting, Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. `kind` is the notifier's; `meeting` the code of the one that it is about, with its wall times before and after."""

    person_id: str
    function: str
    kind: str
    meeting: str | None = None
    was: str | None = None
    becomes: str | None = None


def mails_between(before: Course, after: Course, functions: Mapping[str, str]) -> list[Mail]:
    """For each person the explaining one first, as they are sent. `functions`: of everybody who can still be written to."""
    contacts = after.request.contacts
    order = [*contacts, *sorted(functions.keys() - set(contacts))]
    mails: list[Mail] = []
    for person_id in order:
        if person_id in functions:
            calendar = list(_calendar(before, after, person_id, functions[person_id]))
            kind = _explaining(before, after, person_id, news=bool(calendar))
            if kind is not None:
                mails.append(Mail(person_id=person_id, function=functions[person_id], kind=kind))
            mails += calendar
            mails += _declined(before, after, person_id, functions[person_id])
    return mails


def _declined(before: Course, after: Course, person_id: str, function: str) -> Iterator[Mail]:
    known = {one.number for one in before.declined_counters}
    for one in after.declined_counters:
        meeting = next((it for it in after.sittings if it.meeting_id == one.meeting_id), None)
        if one.person_id == person_id and one.number not in known and meeting is not None:
            yield Mail(
                person_id=person_id,
                function=function,
                kind="counter_declined",
                meeting=meeting.code,
                was=meeting.wall_start,
            )


def _calendar(before: Course, after: Course, person_id: str, function: str) -> Iterator[Mail]:
    known = {meeting.meeting_id: meeting for meeting in _in_calendar(before, person_id)}
    current = {meeting.meeting_id for meeting in _in_calendar(after, person_id)}
    for meeting in after.meetings:
        old = known.get(meeting.meeting_id)
        if person_id not in meeting.tokens:
            continue
        asked = meeting.status == "confirmed" and meeting.attends(person_id)
        if not asked and old is not None:
            kind, becomes = "cancellation", None
        elif meeting.meeting_id in current and _takes_part(after, person_id) and _is_news(meeting, old):
            kind, becomes = "invite", meeting.wall_start
        else:
            continue
        yield Mail(
            person_id=person_id,
            function=function,
            kind=kind,
            meeting=meeting.code,
            was=old.wall_start if old else None,
            becomes=becomes,
        )


def _explaining(before: Course, after: Course, person_id: str, *, news: bool) -> str | None:
    told, is_contact = _told(before, person_id), person_id in after.request.contacts
    match after.state:
        case "booked" if _takes_part(after, person_id):
            kind, due = ("course_changed", news) if told == "booked" else ("course_booked", True)
        case "waiting" if is_contact:
            kind, due = "waiting_list", told != "waiting"
        case "booked" | "waiting":
            kind, due = "course_left", told == "booked"
        case "cancelled" if after.cancelled_by == "staff":
            kind, due = "course_cancelled", told in ("booked", "waiting")
        case "cancelled" if not is_contact:
            kind, due = "withdrawn", told == "booked"
        case _:
            return None
    return kind if due else None


def _told(course: Course, person_id: str) -> str | None:
    """What she believes of the course."""
    return course.state if course.state != "cancelled" and _takes_part(course, person_id) else None


def _in_calendar(course: Course, person_id: str) -> list[BookedMeeting]:
    if course.state != "booked":
        return []
    return [one for one in course.sittings if one.attends(person_id)]


def _takes_part(course: Course, person_id: str) -> bool:
    return person_id in (*course.request.contacts, course.consultant_id, course.second_id)


def _is_news(meeting: BookedMeeting, known: BookedMeeting | None) -> bool:
    return known is None or _version(meeting) > _version(known)


def _version(meeting: BookedMeeting) -> tuple[int, datetime]:
    return meeting.sequence, meeting.dtstamp
