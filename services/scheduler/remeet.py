"""The meetings of a course after a change: what stays, what moves, who is taken off, what is called off. Pure.

What has begun took place and never changes. Any other change of a meeting raises its SEQUENCE, for everybody: RFC 5546
wants that for a new time and for whoever is taken off, and one number per meeting is one that nobody can mix up. A copy that
was cancelled is not revived under that number but asked for again under the next.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from services.scheduler.course import CALLED_OFF_KEPT, BookedMeeting, Course, Uninvited
from services.scheduler.invite import next_dtstamp
from services.scheduler.outcome import Plan

CALLED_OFF_MEETINGS_MAX: Final = 24
"""However often a course is put back, its events stay small enough: the newest cancelled meetings are told of."""


def met_anew(
    course: Course, plan: Plan, second: Plan | None, *, now: datetime, token: Callable[[], str]
) -> tuple[BookedMeeting, ...]:
    """The meetings of a booked course under the plans of a repair, which are in the same order; `token` makes a new one."""
    hers = {placed.code for placed in second.meetings} if second else set()
    meetings = []
    for meeting, placed in zip(course.sittings, plan.meetings, strict=True):
        consultants = [plan.consultant]
        if second is not None and meeting.code in hers:
            consultants.append(second.consultant)
        changed = _held_by(meeting, consultants, contacts=course.request.contacts, now=now, token=token)
        if meeting.start > now and (changed is not meeting or placed.starts_at != meeting.start):
            changed = changed.model_copy(
                update={
                    "start": placed.starts_at,
                    "wall_start": placed.wall,
                    "sequence": meeting.sequence + 1,
                    "dtstamp": next_dtstamp(now, meeting.dtstamp),
                }
            )
        meetings.append(changed)
    return (*(one for one in still_told(course.meetings, now)), *meetings)


def called_off(meeting: BookedMeeting, now: datetime) -> BookedMeeting:
    """A meeting that has begun took place; any other is off, under a raised SEQUENCE and a newer DTSTAMP."""
    if meeting.start <= now or meeting.status == "cancelled":
        return meeting
    return meeting.model_copy(
        update={
            "status": "cancelled",
            "sequence": meeting.sequence + 1,
            "dtstamp": next_dtstamp(now, meeting.dtstamp),
        }
    )


def still_told(meetings: Sequence[BookedMeeting], now: datetime) -> tuple[BookedMeeting, ...]:
    """The cancelled meetings that each event still tells of, in case an earlier one was lost; see `CALLED_OFF_KEPT`."""
    cancelled = [one for one in meetings if one.status == "cancelled" and one.dtstamp > now - CALLED_OFF_KEPT]
    return tuple(cancelled[-CALLED_OFF_MEETINGS_MAX:])


def _held_by(
    meeting: BookedMeeting,
    consultants: Sequence[str],
    *,
    contacts: Collection[str],
    now: datetime,
    token: Callable[[], str],
) -> BookedMeeting:
    """The very same meeting where these consultants hold it already, or it has begun."""
    present = {one for one in meeting.tokens if meeting.attends(one) and one not in contacts}
    if meeting.start <= now or present == set(consultants):
        return meeting
    uninvited = {
        who: known
        for who, known in meeting.uninvited.items()
        if who not in consultants and known.at > now - CALLED_OFF_KEPT
    }
    uninvited |= {who: Uninvited(at=now, start=meeting.start) for who in sorted(present - set(consultants))}
    tokens = {
        who: known for who, known in meeting.tokens.items() if who in contacts or who in consultants or who in uninvited
    }
    tokens |= {who: token() for who in consultants if who not in tokens}
    return meeting.model_copy(update={"tokens": tokens, "uninvited": uninvited})
