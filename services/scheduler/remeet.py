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
from services.scheduler.outcome import PlacedMeeting, Plan
from services.scheduler.own_plan import CourseMeeting

CALLED_OFF_MEETINGS_MAX: Final = 24
"""However often a course is put back, its events stay small enough: the newest cancelled meetings are told of."""

UNINVITED_MAX: Final = 24
"""However often a meeting changes hands: the newest of those who were taken off it are told of."""

Making = Callable[[CourseMeeting, PlacedMeeting, Sequence[str]], BookedMeeting]
"""Makes a meeting that was added to the plan, held by these consultants."""


def met_anew(
    course: Course,
    planned: Sequence[CourseMeeting],
    plan: Plan,
    second: Plan | None,
    *,
    now: datetime,
    token: Callable[[], str],
    make: Making,
) -> tuple[BookedMeeting, ...]:
    """The meetings of a booked course after a repair: `planned` is its plan by now, and the plans found are in the same order.

    What is in the plan no more is called off. `token` makes a new reply token.
    """
    hers = {placed.code for placed in second.meetings} if second else set()
    known = {meeting.code: meeting for meeting in course.sittings}
    meetings = []
    for one, placed in zip(planned, plan.meetings, strict=True):
        consultants = [plan.consultant]
        if second is not None and one.code in hers:
            consultants.append(second.consultant)
        meeting = known.pop(one.code, None)
        if meeting is None:
            meetings.append(make(one, placed, consultants))
            continue
        changed = _held_by(meeting, consultants, contacts=course.request.contacts, now=now, token=token)
        meetings.append(_as_planned(changed, meeting, one, placed, now=now))
    dropped = tuple(called_off(meeting, now) for meeting in known.values())
    return (*still_told((*course.meetings, *dropped), now), *meetings)


def _as_planned(
    changed: BookedMeeting, before: BookedMeeting, planned: CourseMeeting, placed: PlacedMeeting, *, now: datetime
) -> BookedMeeting:
    """At its new start, of its new length, in its new place; the very same where nothing differs, or it has begun."""
    values = {
        "start": placed.starts_at,
        "wall_start": placed.wall,
        "minutes": planned.minutes,
        "place": planned.place,
        "workplace": planned.workplace,
        "name": planned.name,
    }
    same = changed is before and all(getattr(before, name) == value for name, value in values.items())
    if same or before.start <= now:
        return changed
    number = {"sequence": before.sequence + 1, "dtstamp": next_dtstamp(now, before.dtstamp)}
    return changed.model_copy(update={**values, **number})


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
    uninvited = dict(sorted(uninvited.items(), key=lambda one: one[1].at)[-UNINVITED_MAX:])
    tokens = {
        who: known for who, known in meeting.tokens.items() if who in contacts or who in consultants or who in uninvited
    }
    tokens |= {who: token() for who in consultants if who not in tokens}
    return meeting.model_copy(update={"tokens": tokens, "uninvited": uninvited})
