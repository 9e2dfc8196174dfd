"""What intake knows of an application's course: the newest state that the scheduler told. Pure."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from shared.course_facts import Cause, DeclinedCounter, KnownAnswer, Offer, Stall
from shared.envelope import Envelope
from shared.events import CourseEvent, Meeting
from shared.fact import Fact
from shared.sealing import Sealed, event_place


class CourseView(Fact):
    """A course as its applicants are shown it. `sequence`, `event_id` and `event_type` are those of the last event.

    `people` and `matter` are that event's blocks as they came: they open at their place in it, the finished invites among
    them. What is new has a default: documents of before stay readable.
    """

    sequence: int
    state: Literal["booked", "waiting", "cancelled", "completed"]
    meetings: tuple[Meeting, ...] = ()
    reasons: dict[str, int] = Field(default_factory=dict)
    earliest: date | None = None
    latest: date | None = None
    decided_at: AwareDatetime | None = None
    consultant_id: str | None = None
    second_id: str | None = None
    cancelled_by: Literal["applicant", "staff"] | None = None
    held: bool = False
    answers: tuple[KnownAnswer, ...] = ()
    cause: Cause | None = None
    stall: Stall | None = None
    offer: Offer | None = None
    declined_counters: tuple[DeclinedCounter, ...] = ()
    people: dict[str, Sealed] = Field(default_factory=dict)
    matter: Sealed | None = None
    event_id: str = ""
    event_type: str = ""

    def place(self, application_id: str) -> tuple[str, ...]:
        """Where the blocks were sealed."""
        return event_place(application_id, self.event_type, self.event_id)

    def meeting(self, meeting_id: str) -> Meeting | None:
        return next((one for one in self.meetings if one.meeting_id == meeting_id), None)

    def answer(self, meeting: Meeting, person_id: str) -> KnownAnswer | None:
        """What this person answered to the meeting as it is now; an answer to an earlier time of it is none."""
        return next(
            (
                one
                for one in self.answers
                if (one.meeting_id, one.person_id) == (meeting.meeting_id, person_id)
                and one.sequence >= meeting.sequence
            ),
            None,
        )

    @property
    def reply_ids(self) -> tuple[str, ...]:
        """The random halves of the reply addresses of all its meetings, in hexadecimal."""
        return tuple(reply_id for one in self.meetings for reply_id in one.reply_ids.values())

    @property
    def consultants(self) -> tuple[str, ...]:
        """Who leads it, the first one first."""
        return tuple(one for one in (self.consultant_id, self.second_id) if one is not None)


def view_of(event: CourseEvent, envelope: Envelope) -> CourseView:
    told = {name: getattr(event.course, name) for name in CourseView.model_fields if hasattr(event.course, name)}
    return CourseView(**told, sequence=envelope.sequence, event_id=envelope.id, event_type=envelope.type)
