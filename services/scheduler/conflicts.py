"""What of a booked course cannot be held as it is, from course and roster alone: each meeting in doubt, for whom and why. Pure.

Leave, a consultant who is gone or may not serve the workplace, and times that were refused put a meeting in doubt. An own calendar that
says busy, a lowered limit and other working hours do not: what is booked stays booked.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.refusals import WORKPLACE, refuses
from services.scheduler.roster import RosterFacts
from shared.course_facts import Cause

Roster = Mapping[str, RosterFacts | None]
"""By consultant id; None or no entry: she is in the roster no more, or was erased."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A meeting still to come that a consultant cannot hold as it is."""

    meeting: BookedMeeting
    who: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Near:
    """Where a course is held: codes of its municipalities, and keyed hashes of its workplaces where somebody blocks any."""

    municipalities: AbstractSet[str]
    workplaces: AbstractSet[str] = frozenset()


def doubts(course: Course, roster: Roster, *, near: Near, now: datetime) -> tuple[Doubt, ...]:
    """In the order of the meetings; what has begun is never in doubt."""
    if course.state != "booked":
        return ()
    found = []
    for meeting in course.sittings:
        if meeting.start <= now:
            continue
        for who in consultants_at(meeting, course):
            cause = _cause(course, meeting, who, roster.get(who), near)
            if cause is not None:
                found.append(Doubt(meeting, who, cause))
    return tuple(found)


def consultants_at(meeting: BookedMeeting, course: Course) -> list[str]:
    """The consultants who are invited to it now."""
    return [one for one in meeting.tokens if meeting.attends(one) and one not in course.request.contacts]


def _cause(course: Course, meeting: BookedMeeting, who: str, facts: RosterFacts | None, near: Near) -> Cause | None:
    if facts is None or not facts.active or _is_blocked(facts, near):
        return "dropped_out"
    # Her way there and back lies within the day of the meeting, and leave is counted in days: the day is enough.
    day = date.fromisoformat(meeting.wall_start[:10])
    if any(leave.first <= day <= leave.last for leave in facts.leave):
        return "leave"
    if refuses(course.refused, who, meeting):
        return "consultant_declined"
    if refuses(course.refused, WORKPLACE, meeting):
        return "contacts_declined"
    return None


def _is_blocked(facts: RosterFacts, near: Near) -> bool:
    return not (
        near.municipalities.isdisjoint(facts.blocked_municipalities)
        and near.workplaces.isdisjoint(facts.blocked_workplaces)
    )
