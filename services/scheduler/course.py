"""A course as the scheduler keeps it: what was asked for, the window, and what was decided. Pure values."""

from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field, field_serializer

from services.scheduler.decision import Decision
from services.scheduler.history import HistoryEntry
from services.scheduler.own_plan import CourseMeeting
from shared.course_facts import Cause, DeclinedCounter, KnownAnswer, Offer, Stall
from shared.events import ApplicationState, CourseKind, Meeting, Wishes
from shared.fact import Fact
from shared.said import CounterProposal
from shared.sealing import Sealed
from shared.words import Words

CourseStatus = Literal["booked", "waiting", "cancelled", "completed"]
COMPLETED_AFTER = timedelta(days=1)
"""A course is completed so long after the end of its last meeting."""
CALLED_OFF_KEPT = timedelta(days=30)
"""A cancelled meeting, or somebody taken off one, stays in the course so long: each event of that time tells of it again."""


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


class Uninvited(Fact):
    """When somebody was taken off a meeting that goes on without her, and the start that her calendar knew."""

    at: AwareDatetime
    start: AwareDatetime


class RefusedTime(Fact):
    """`[start, end)` in which somebody said that she cannot meet: a consultant's id, or "workplace" where both contacts said so."""

    who: str
    start: AwareDatetime
    end: AwareDatetime


class TurnedDown(DeclinedCounter):
    """A proposal that cannot be, with the meeting's values of that moment: its answer stays the same bytes for ever."""

    sequence: int
    dtstamp: AwareDatetime
    start: AwareDatetime
    minutes: int

    def told(self) -> DeclinedCounter:
        """As events tell it."""
        return DeclinedCounter.model_validate(self.model_dump(include=set(DeclinedCounter.model_fields)))


class Worded(Fact):
    """A keyed digest of what one person's copy says under a SEQUENCE, and the DTSTAMP since which it does."""

    digest: str
    sequence: int
    dtstamp: AwareDatetime


class BookedMeeting(Meeting):
    """One dated meeting with all that its invites are written from.

    `tokens` holds, by person id, the random bytes (hexadecimal) of the reply address. Without the signing key nobody
    can make the address from them, so they may stand in clear. Whoever was `uninvited` keeps hers for a while: her calendar
    object then takes the meeting out. `worded` is by person, too: `dtstamp` is the newest of all copies.
    """

    name: Words
    tokens: dict[str, str]
    uninvited: dict[str, Uninvited] = Field(default_factory=dict)
    worded: dict[str, Worded] = Field(default_factory=dict)

    def attends(self, person_id: str) -> bool:
        """Whether the person is invited, and was not taken off again."""
        return person_id in self.tokens and person_id not in self.uninvited

    def copy_dtstamp(self, person_id: str) -> datetime:
        """The DTSTAMP of one person's copy."""
        known = self.worded.get(person_id)
        current = known is not None and known.sequence == self.sequence and self.status == "confirmed"
        return known.dtstamp if known is not None and current and self.attends(person_id) else self.dtstamp

    def told_start(self, person_id: str) -> datetime:
        """When it starts as far as the person's calendar knows."""
        return self.uninvited[person_id].start if person_id in self.uninvited else self.start

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
    second_id: str | None = None
    meetings: tuple[BookedMeeting, ...] = ()
    # Its own copy of the programme's plan since it was booked, in the order of the meetings that are not cancelled; none: the
    # programme's. Places of its own lie sealed beside it.
    plan: tuple[CourseMeeting, ...] = ()
    venues: Sealed | None = None
    # Raised to make all links to the consultant's page of this course void.
    link_epoch: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    decided_at: AwareDatetime
    people: dict[str, Sealed] = Field(default_factory=dict)
    matter: Sealed | None = None
    # Why it is as it is: the answer of the matcher to the last search that changed it.
    decision: Decision | None = None
    # What staff decided: she alone is asked, these are not, and a waiting course is not tried until staff say so.
    pinned: str | None = None
    excluded: tuple[str, ...] = ()
    held: bool = False
    cancelled_by: Literal["applicant", "staff"] | None = None
    history: tuple[HistoryEntry, ...] = ()
    # How many acts of staff there were: the number of the last one in the stream of the audit.
    acts: int = 0
    # What people said of the meetings: the number of the last of it that was heard, and what came of it.
    heard: int = 0
    answers: tuple[KnownAnswer, ...] = ()
    refused: tuple[RefusedTime, ...] = ()
    cause: Cause | None = None
    stall: Stall | None = None
    # Ids of meetings that began while they were in doubt: nothing is claimed for them.
    lapsed: tuple[str, ...] = ()
    offer: Offer | None = None
    # Claim keys that are held for the offer alone; they stand among the document's claims, too.
    offered: tuple[str, ...] = ()
    open_counters: tuple[CounterProposal, ...] = ()
    declined_counters: tuple[TurnedDown, ...] = ()

    @field_serializer("decision")
    def _compact(self, decision: Decision | None) -> dict[str, Any] | None:
        return None if decision is None else decision.stored()

    def fields(self) -> dict[str, Any]:
        """The fields of its document, as JSON values; the id stands in `_id`."""
        return self.model_dump(mode="json", exclude={"application_id"})

    def completes_at(self) -> datetime | None:
        """When a booked course counts as completed."""
        if self.state != "booked" or not self.sittings:
            return None
        return max(meeting.end for meeting in self.sittings) + COMPLETED_AFTER

    @property
    def sittings(self) -> tuple[BookedMeeting, ...]:
        """The meetings that are not cancelled, in the order of the plan."""
        return tuple(meeting for meeting in self.meetings if meeting.status == "confirmed")

    def is_to_come(self, now: datetime) -> bool:
        """Whether any meeting is still to come."""
        return any(meeting.start > now for meeting in self.sittings)

    def consultants(self) -> tuple[str, ...]:
        """Ids of all consultants who have, or had, an invite to one of the meetings, the present ones first."""
        present = (one for one in (self.consultant_id, self.second_id) if one is not None)
        invited = (one for meeting in self.meetings for one in meeting.tokens if one not in self.request.contacts)
        return tuple(dict.fromkeys([*present, *invited]))


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
