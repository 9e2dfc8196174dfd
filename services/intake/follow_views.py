"""Takes over what the scheduler tells of courses and the notifier of mails: newer than what is known, or not at all."""

from typing import Protocol

from services.intake import course_view, message_view
from services.intake.course_view import CourseView
from services.intake.message_view import MessageView
from shared.envelope import Envelope
from shared.events import CourseEvent, MessageEvent
from shared.metrics import SEQUENCE_GAPS


class Views(Protocol):
    async def put_course(self, application_id: str, course: CourseView) -> int | None:
        """Store it if it is newer than what is there. Answers the sequence before (0: none), or None if it was not."""

    async def put_message(self, message: MessageView) -> int | None:
        """The same for what became of a mail."""


async def follow_course(event: CourseEvent, envelope: Envelope, *, views: Views) -> str:
    """Take over a newer state of a course, whether or not its application is here already."""
    before = await views.put_course(event.course.application_id, course_view.view_of(event, envelope))
    return _outcome(before, envelope, event.topic)


async def follow_message(event: MessageEvent, envelope: Envelope, *, views: Views) -> str:
    """Take over what became of a mail, whether or not its application is here already."""
    before = await views.put_message(message_view.view_of(event, envelope))
    return _outcome(before, envelope, event.topic)


def _outcome(before: int | None, envelope: Envelope, topic: str) -> str:
    if before is None:
        return "superseded"
    if envelope.sequence > before + 1:
        SEQUENCE_GAPS.labels(topic=topic).inc()
    return "handled"
