"""A course as the scheduler keeps it: what was asked for, the window, and what was decided. Pure values."""

from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field, field_serializer

from services.scheduler.decision import Decision
from shared.events import ApplicationState, CourseKind, Fact, Meeting, Wishes
from shared.sealing import Sealed
from shared.words import Words

CourseStatus = Literal["booked", "waiting", "cancelled", "completed"]
COMPLETED_AFTER = timedelta(days=1)
"""A course is completed so long after the end of its last meeting."""


class Window(Fact):
    """Local dates between which the course may lie, worked out once: the first meeting within `[earliest, latest_start]`."""

    earliest: date
    latest_start: date
    latest: date


class Request(Fact):
    """What an application asks for, as far as it is about nobody in person."""

    reference: str
    programme: str
    kind: CourseKind
    format: str | None = None
    municipalities: tuple[str, ...]
    sector: str
    participants: int
    earliest_start: date
    wishes: Wishes
    submitted_at: AwareDatetime
    contacts: tuple[str, ...]

    @classmethod
    def of(cls, application: ApplicationState) -> "Request":
        return cls.model_validate(application.model_dump(include=set(cls.model_fields)))


class BookedMeeting(Meeting):
    """One dated meeting with all that its invites are written from.

    `tokens` holds, by person id, the random bytes (hexadecimal) of the reply address. Without the signing key nobody
    can make the address from them, so they may stand in clear.
    """

    name: Words
    tokens: dict[str, str]

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


class Course(Fact):
    """The state of one course; its id is the application's. Contacts' data and the matter are sealed for this document."""

    application_id: str
    request: Request
    window: Window
    state: CourseStatus
    consultant_id: str | None = None
    meetings: tuple[BookedMeeting, ...] = ()
    reasons: dict[str, int] = Field(default_factory=dict)
    decided_at: AwareDatetime
    people: dict[str, Sealed] = Field(default_factory=dict)
    matter: Sealed | None = None
    # Why it is as it is: the answer of the matcher to the last search that changed it.
    decision: Decision | None = None

    @field_serializer("decision")
    def _compact(self, decision: Decision | None) -> dict[str, Any] | None:
        return None if decision is None else decision.stored()

    def fields(self) -> dict[str, Any]:
        """The fields of its document, as JSON values; the id stands in `_id`."""
        return self.model_dump(mode="json", exclude={"application_id"})

    def completes_at(self) -> datetime | None:
        """When a booked course counts as completed."""
        if self.state != "booked" or not self.meetings:
            return None
        return max(meeting.end for meeting in self.meetings) + COMPLETED_AFTER


class StoredCourse(NamedTuple):
    """A course as it was read, with what a guarded change of its document needs.

    `seen` is the sequence of the newest event of the application that went into it.
    """

    course: Course
    version: int
    event_sequence: int
    seen: int

    @classmethod
    def of(cls, document: dict[str, Any]) -> "StoredCourse":
        return cls(
            course=Course.model_validate({**document, "application_id": document["_id"]}),
            version=document["version"],
            event_sequence=document["event_sequence"],
            seen=document["seen"]["applications"],
        )
