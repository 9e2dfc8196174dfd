"""A course's own copy of its plan: every course is made together with its workplace, so each may come to differ. Pure values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from shared.events import Workplace
from shared.fact import Fact
from shared.programme_meetings import MeetingKind, PlannedMeeting, hosts_of
from shared.words import Words

MeetingPlace = Literal["workplace", "online", "venue"]


class PlanGap(Fact):
    """Days from the local date of the meeting before to this one's: 1 <= min <= ideal <= max."""

    min: int
    ideal: int
    max: int


class CourseMeeting(Fact):
    """One meeting of the plan of one course. `gap` is None for the first alone.

    Where it is not online, `workplace` counts the workplaces of the application from 0, and after them the course's venues.
    """

    code: str
    kind: MeetingKind
    name: Words
    minutes: int
    place: MeetingPlace
    workplace: int = 0
    gap: PlanGap | None = None
    co: bool = False
    preparation: Words | None = None


EXTRA: Final = "extra"
"""Codes of added meetings are `extra_1`, `extra_2` ..."""

ADDED: Final[Mapping[MeetingKind, Words]] = {
    "planning": Words(da="ekstra planlægningsmøde", en="extra planning meeting"),
    "workshop": Words(da="ekstra workshop", en="extra workshop"),
    "meeting": Words(da="ekstra møde", en="extra meeting"),
    "follow_up": Words(da="ekstra opfølgning", en="extra follow-up"),
}
"""What may be added to a course, with its neutral name: nobody types one. There is one opening meeting only."""


def copied(planned: Sequence[PlannedMeeting], workplaces: int) -> tuple[CourseMeeting, ...]:
    """The programme's plan as a course begins with it, of an application with so many workplaces."""
    return tuple(_copy(one, host) for one, host in zip(planned, hosts_of(planned, workplaces), strict=True))


def same_shape(one: Sequence[CourseMeeting], other: Iterable[tuple[str, int, str]]) -> bool:
    """Whether these are the meetings of such codes, minutes and places."""
    return [(meeting.code, meeting.minutes, meeting.place) for meeting in one] == list(other)


def _copy(planned: PlannedMeeting, host: int) -> CourseMeeting:
    gap = planned.gap_days
    return CourseMeeting(
        code=planned.code,
        kind=planned.kind,
        name=planned.name,
        minutes=planned.minutes,
        place=planned.place,
        workplace=host,
        gap=None if gap is None else PlanGap(min=gap.min, ideal=gap.ideal, max=gap.max),
        co=planned.co,
        preparation=planned.preparation,
    )


def extra_code(known: Iterable[str]) -> str:
    """A code that no meeting of the course has, or had."""
    taken = set(known)
    return next(code for number in range(1, len(taken) + 2) if (code := f"{EXTRA}_{number}") not in taken)


class Venues(Fact):
    """What is sealed of a course's own places, such as a hired room: no workplaces of the application, but written like them."""

    places: tuple[Workplace, ...] = ()
