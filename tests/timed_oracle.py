"""Which mails are due on a day, worked out by looking at the day and not at the programme's plan of the whole course.

Written apart from the code that it checks: it asks of each day whether something is due on it, and counts days one by one.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from services.notifier.timed.timed_mail import TimedMail
from shared.events import CourseState, Meeting
from tests.timed_year import instant, on_or_after, works

TRIALS = {"single": ("first", "second"), "joint": ("workshop_1", "workshop_2")}
PREPARED = {"opening", "second", "planning_1", "workshop_2"}
"""Meetings of SPARK's plans that have a preparation."""
AHEAD = {"homework": 10, "briefing": 10}


class Due(NamedTuple):
    """One mail."""

    kind: str
    offset: str
    person_id: str
    meeting: Meeting

    def key(self) -> tuple[str, str, str, str, datetime]:
        return self.kind, self.offset, self.person_id, self.meeting.meeting_id, self.meeting.start

    def message_id(self, of: str) -> str:
        """Ids are nobody's to guess, so here the code under test is asked."""
        mail = TimedMail(
            kind=self.kind,  # type: ignore[arg-type]
            person_id=self.person_id,
            meeting_id=self.meeting.meeting_id,
            offset=self.offset,
            rule="",
            starts_at=self.meeting.start,
            version=self.meeting.sequence,
            due_at=self.meeting.start,
            useful_until=self.meeting.start,
        )
        return mail.message(of, sequence=0).message_id


def day_of(meeting: Meeting) -> date:
    return date.fromisoformat(meeting.wall_start[:10])


@cache
def working_days(first: date, last: date) -> int:
    """Those from `first` on, without `last`."""
    return sum(works(first + timedelta(days=number)) for number in range((last - first).days))


def due_on(day: date, state: CourseState) -> Iterator[Due]:
    """What a course as it stands has due on this working day."""
    on = sorted((one for one in state.meetings if one.status == "confirmed"), key=lambda one: one.start)
    if not works(day) or not on or state.state not in ("booked", "completed"):
        return
    doubtful = state.stall.meetings if state.stall else ()
    certain = [one for one in on if one.meeting_id not in doubtful]
    if state.state == "booked":
        for meeting in certain:
            yield from _before(day, meeting, state, first=meeting is on[0])
        yield from _half_way(day, certain, state)
    if on[-1] in certain:
        yield from (
            Due("evaluation", offset, who, on[-1]) for offset in _asked_on(day, on[-1]) for who in state.contacts
        )


def _before(day: date, meeting: Meeting, state: CourseState, *, first: bool) -> Iterator[Due]:
    if not day < day_of(meeting) <= day + timedelta(days=70):
        return
    left = working_days(day, day_of(meeting))
    if first and left == AHEAD["homework"] and meeting.code in PREPARED:
        yield from (Due("homework", "", who, meeting) for who in state.contacts)
    hers = first or not any(
        state.consultant_id in one.attendees and one.status == "confirmed" and one.start < meeting.start
        for one in state.meetings
    )
    if hers and left == AHEAD["briefing"] and state.consultant_id in meeting.attendees:
        yield Due("briefing", "", state.consultant_id or "", meeting)
    if left in (7, 1):
        no = {(one.meeting_id, one.person_id) for one in state.answers}
        yield from (
            Due("reminder", str(left), who, meeting) for who in meeting.attendees if (meeting.meeting_id, who) not in no
        )


def _half_way(day: date, certain: list[Meeting], state: CourseState) -> Iterator[Due]:
    by_code = {one.code: one for one in certain}
    first, last = (by_code.get(code) for code in TRIALS[state.kind])
    if first is None or last is None:
        return
    between = (day_of(last) - day_of(first)).days
    half = on_or_after(day_of(first) + timedelta(days=between // 2))
    if between >= 14 and day == half and working_days(day, day_of(last)) > 3:
        yield from (Due("trial_check", "", who, last) for who in state.contacts)


def _asked_on(day: date, last: Meeting) -> Iterator[str]:
    held = day_of(last)
    if held < day and working_days(held + timedelta(days=1), day) == 0:
        yield ""
    months = held.month + 3
    later = held.replace(day=1, year=held.year + (months - 1) // 12, month=(months - 1) % 12 + 1)
    while later.day < held.day and (later + timedelta(days=1)).month == later.month:
        later += timedelta(days=1)
    if day == on_or_after(later):
        yield "later"


def helps_until(due: Due, fired_on: date) -> datetime:
    """`fired_on` is the day on which it was due."""
    day = day_of(due.meeting)
    before = [each for number in range(1, 60) if works(each := day - timedelta(days=number))]
    match due.kind, due.offset:
        case "homework", _:
            return instant(before[0], 16)
        case "reminder", "7":
            return instant(before[0], 8)
        case "trial_check", _:
            return instant(before[2], 8)
        case "evaluation", "":
            return instant(fired_on + timedelta(days=14), 16)
        case "evaluation", _:
            return instant(fired_on + timedelta(days=30), 16)
        case _:
            return due.meeting.start
