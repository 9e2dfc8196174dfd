"""An application whose course is sought, and the one write that decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.scheduler.course import Course, Request, StoredCourse, Window
from services.scheduler.course_plan import question_of
from services.scheduler.means import Means
from services.scheduler.people import Blocks, Opened
from services.scheduler.problem import Problem
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
        """The course without consultant and meetings."""
        return Course(
            application_id=self.course_id,
            request=self.request,
            window=self.window,
            state="waiting",
            decided_at=decided_at,
            people=self.blocks.people,
            matter=self.blocks.matter,
        )

    def question(self, matter: Matter, *, means: Means) -> Problem:
        """What the matcher is asked today."""
        return question_of(
            self.request,
            self.window,
            matter,
            calendar=means.calendar,
            programme=means.programme,
            municipalities=means.municipalities,
            today=means.today(),
        )


async def write(
    sought: Sought,
    fields: Document,
    events: Sequence[PendingEvent],
    *,
    now: datetime,
    means: Means,
    remove: Sequence[str] = (),
) -> Document | None:
    """Insert the document, or change it under its version; None where somebody else changed it first.

    Raises:
        AlreadyThereError: it was inserted by somebody else, or a claim of it is held by another course.

    """
    if sought.stored is None:
        return await means.store.insert_course(new_document({"_id": sought.course_id, **fields}, events, now=now))
    update = change(now=now, fields=fields, events=events, remove=remove)
    return await means.store.change_course(sought.course_id, sought.stored.version, update)
