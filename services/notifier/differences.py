"""What of a course one person would see as changed: pure. Versions of calendar objects do not count here, only what they say."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from services.notifier.course_view import Told, ToldCourse
from shared.events import CourseState, Meeting


class Seen(NamedTuple):
    """A meeting as far as somebody notices: when it is, how long, where, what it is called, who is there."""

    start: datetime
    minutes: int
    place: str
    workplace: int
    code: str
    attendees: frozenset[str]


class Changes(NamedTuple):
    """Ids of one reader's meetings to come, by what happened to them since she was last told."""

    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def takes_part(state: CourseState, person_id: str) -> bool:
    """Whether the person is one of the course's people now: a consultant whom somebody took over from is so no more."""
    return person_id in (*state.contacts, state.consultant_id, state.second_id)


def differs_for(*, before: ToldCourse | None, known: Told, state: CourseState, now: Told) -> bool:
    """Whether her meetings, or who leads them, look different. Without `before` nobody knows, and it is told."""
    if before is None or known.course != now.course:
        return True
    led = (before.consultant_id, before.second_id) != (state.consultant_id, state.second_id)
    return led or any(changes(before, state, was=set(known.meetings), has=set(now.meetings)))


def changes(before: ToldCourse, state: CourseState, *, was: set[str], has: set[str]) -> Changes:
    """Between two states of a course, for a reader who `was` asked to these meetings and now `has` those; the past left out."""
    old = _seen(before.meetings, of=was, after=state.decided_at)
    new = _seen(state.meetings, of=has, after=state.decided_at)
    return Changes(
        added=tuple(one for one in new if one not in old),
        dropped=tuple(one for one in old if one not in new),
        changed=tuple(one for one, seen in new.items() if one in old and old[one] != seen),
    )


def _seen(meetings: tuple[Meeting, ...], *, of: set[str], after: datetime) -> Mapping[str, Seen]:
    return {
        one.meeting_id: Seen(one.start, one.minutes, one.place, one.workplace, one.code, frozenset(one.attendees))
        for one in meetings
        if one.meeting_id in of and one.status == "confirmed" and one.start > after
    }
