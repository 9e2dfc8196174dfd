"""What an act of staff makes of a course, or why it cannot be done: planned without touching anything. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.scheduler.claims import Held, by_consultant
from services.scheduler.course import Course, StoredCourse
from services.scheduler.outcome import Infeasible
from services.scheduler.people import Opened
from shared.events import CourseEvent, Workplace


@dataclass(frozen=True, kw_only=True)
class Before:
    """A course as an act finds it: its document, whom it is about, the claims that its meetings hold, and the instant of the act.

    Claims that are held for offered dates alone are not among `claims`: they stay with the offer, or go with it (`standing`).
    """

    stored: StoredCourse
    opened: Opened
    claims: Sequence[str]
    now: datetime

    @property
    def course(self) -> Course:
        return self.stored.course


@dataclass(frozen=True, kw_only=True)
class Change:
    """The course afterwards, and what it then holds by consultant. Without `kind` nobody but staff has to know.

    `relies_on`: consultants of whom the process must know the newest before this is written. `seen`: the sequence of the
    application's event that this takes in; None: it takes in none. `venues`: the course's own places where they change.
    """

    course: Course
    held: Held
    kind: type[CourseEvent] | None = None
    relies_on: tuple[str, ...] = ()
    seen: int | None = None
    venues: tuple[Workplace, ...] | None = None


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why an act cannot be done, as a code; with it what the matcher says of the consultants that it asked.

    `state`: not in this state of the course · `unchanged`: it is so already · `begun`: a meeting has begun · `erased` ·
    `meeting`: no such meeting still to come · `consultant`: none of that id in the roster, or not active · `place`: the meeting
    cannot start then · `nobody`: nobody can hold the course so · `plan`: the programme has another plan since · `window`: no day
    that lies later, or too far · `stale`: somebody else has changed the course since it was shown ·
    `counter`: no such proposal waits any more · `tailor_...`: the plan cannot be changed so, see `tailoring.change_plan`.
    """

    code: str
    verdicts: tuple[Infeasible, ...] = ()


def kept(before: Before) -> Held:
    """What it holds stays as it is."""
    return by_consultant(before.claims)
