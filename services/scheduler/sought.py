"""An application whose course is sought, and the one write that decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.scheduler.course import Course, Request, StoredCourse, Window
from services.scheduler.course_plan import question_of
from services.scheduler.matching import match
from services.scheduler.means import Means
from services.scheduler.outcome import Result
from services.scheduler.people import Blocks, Opened
from services.scheduler.problem import Problem
from services.scheduler.refusals import without_refused
from services.scheduler.remeet import still_told
from services.scheduler.store import absent_marks
from shared.events import Matter
from shared.mongo import Document
from shared.outbox import PendingEvent, change, new_document


@dataclass(frozen=True, kw_only=True)
class Sought:
    """`stored` is its document as read; None while it has none. `seen` is the newest event of the application in here."""

    course_id: str
    request: Request
    window: Window
    opened: Opened
    blocks: Blocks
    seen: int
    stored: StoredCourse | None

    @property
    def next_sequence(self) -> int:
        """Number of the next event of this course."""
        return 1 if self.stored is None else self.stored.event_sequence + 1

    def undecided(self, decided_at: datetime) -> Course:
        """The course without consultants and dated meetings; what staff decided stays, and what was cancelled a while."""
        news = {
            "request": self.request,
            "window": self.window,
            "state": "waiting",
            "consultant_id": None,
            "second_id": None,
            "reasons": {},
            "decision": None,
            "decided_at": decided_at,
            "people": self.blocks.people,
            "matter": self.blocks.matter,
        }
        if self.stored is None:
            return Course.model_validate({"application_id": self.course_id, **news})
        before = self.stored.course
        return before.model_copy(update={**news, "meetings": still_told(before.meetings, decided_at)})

    def question(self, matter: Matter, *, means: Means, wider_days: int = 0) -> Problem:
        """What the matcher is asked today. Whom staff excluded is blocked; what was refused when it was booked before stays so."""
        question = question_of(
            self.request,
            self.window,
            matter,
            calendar=means.calendar,
            programme=means.programme,
            municipalities=means.municipalities,
            workplace_key=means.workplace_key,
            today=means.today(),
            wider_days=wider_days,
        )
        if self.stored is None:
            return question
        return without_refused(without_excluded(question, self.stored.course), self.stored.course)

    def ask(self, question: Problem, *, others: bool = False) -> Result:
        """The matcher's answer. Where staff pinned a consultant, nobody else may lead the course."""
        return match(question, others=others, only=self.only)

    @property
    def only(self) -> set[str] | None:
        """Who alone may lead the course; None: anybody."""
        pinned = self.stored.course.pinned if self.stored else None
        return None if pinned is None else {pinned}


def without_excluded(question: Problem, course: Course) -> Problem:
    """The question with everybody blocked whom staff excluded from this course."""
    if not course.excluded:
        return question
    return replace(
        question,
        consultants=tuple(
            replace(one, blocked=True) if one.id in course.excluded else one for one in question.consultants
        ),
    )


async def write(
    sought: Sought,
    fields: Document,
    events: Sequence[PendingEvent],
    *,
    now: datetime,
    means: Means,
) -> Document | None:
    """Insert the document, or change it under its version; None where somebody else changed it first.

    Raises:
        AlreadyThereError: it was inserted by somebody else, or a claim of it is held by another course.

    """
    if sought.stored is None:
        return await means.store.insert_course(new_document({"_id": sought.course_id, **fields}, events, now=now))
    update = change(now=now, fields=fields, events=events, remove=absent_marks(fields))
    return await means.store.change_course(sought.course_id, sought.stored.version, update)
