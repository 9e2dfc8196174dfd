"""What intake knows of an application's course: the newest state that the scheduler told. Pure."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from shared.envelope import Envelope
from shared.events import CourseEvent, Meeting
from shared.fact import Fact
from shared.sealing import Sealed, event_place


class CourseView(Fact):
    """A course as its applicants are shown it. `sequence`, `event_id` and `event_type` are those of the last event.

    `people` are that event's blocks as they came: they open at their place in it, the finished invites among them.
    """

    sequence: int
    state: Literal["booked", "waiting", "cancelled", "completed"]
    meetings: tuple[Meeting, ...] = ()
    reasons: dict[str, int] = Field(default_factory=dict)
    earliest: date | None = None
    latest: date | None = None
    decided_at: AwareDatetime | None = None
    consultant_id: str | None = None
    cancelled_by: Literal["applicant", "staff"] | None = None
    held: bool = False
    people: dict[str, Sealed] = Field(default_factory=dict)
    event_id: str = ""
    event_type: str = ""

    def place(self, application_id: str) -> tuple[str, ...]:
        """Where the blocks of `people` were sealed."""
        return event_place(application_id, self.event_type, self.event_id)


def view_of(event: CourseEvent, envelope: Envelope) -> CourseView:
    course = event.course
    return CourseView(
        sequence=envelope.sequence,
        state=course.state,
        meetings=course.meetings,
        reasons=course.reasons,
        earliest=course.earliest,
        latest=course.latest,
        decided_at=course.decided_at,
        consultant_id=course.consultant_id,
        cancelled_by=course.cancelled_by,
        held=course.held,
        people=course.people,
        event_id=envelope.id,
        event_type=envelope.type,
    )
