"""What intake knows of an application's course: the newest state that the scheduler told. Follows `forloeb.courses`."""

from typing import Literal, Protocol

from shared.envelope import Envelope
from shared.events import CourseEvent, CourseState, Fact, Meeting
from shared.metrics import SEQUENCE_GAPS


class CourseView(Fact):
    """The clear facts of a course that its applicants are shown. `sequence` is the last event's number."""

    sequence: int
    state: Literal["booked", "waiting", "cancelled", "completed"]
    meetings: tuple[Meeting, ...] = ()


class Courses(Protocol):
    async def put_course(self, application_id: str, course: CourseView) -> int | None:
        """Store it if it is newer than what is there. Answers the sequence before (0: none), or None if it was not."""


async def follow(event: CourseEvent, envelope: Envelope, *, courses: Courses) -> str:
    """Take over a newer state of a course, whether or not its application is here already."""
    course = view_of(event.course, envelope.sequence)
    before = await courses.put_course(event.course.application_id, course)
    if before is None:
        return "superseded"
    if envelope.sequence > before + 1:
        SEQUENCE_GAPS.labels(topic=event.topic).inc()
    return "handled"


def view_of(state: CourseState, sequence: int) -> CourseView:
    return CourseView(sequence=sequence, state=state.state, meetings=state.meetings)
