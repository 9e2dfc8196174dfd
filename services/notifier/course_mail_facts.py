"""What the explaining mails about a whole course tell, as plain values. Pure."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from services.notifier.fact_parts import MeetingFacts, PersonFacts, Reader

Why = Literal[
    "staff",
    "consultant_declined",
    "contacts_declined",
    "counter",
    "new_dates",
    "consultant_away",
    "consultant_gone",
    "tailored",
    "clock_rules",
]
"""Why a course was changed, as far as everybody may know: never why a consultant is away."""


@dataclass(frozen=True, slots=True)
class CourseBookedFacts:
    """The one explaining mail of a booked course: all dates, and the other people. `workplaces` is the consultant's.

    `second`: the reader is the second consultant, and the meetings are those that she takes part in. `decided`: people decide
    about applications, and this mail tells contacts that the answer is yes.
    """

    kind: ClassVar[str] = "course_booked"
    reference: str
    reader: Reader
    meetings: tuple[MeetingFacts, ...]
    people: tuple[PersonFacts, ...]
    workplaces: tuple[str, ...] = ()
    status_url: str | None = None
    plan_url: str | None = None
    second: bool = False
    decided: bool = False


@dataclass(frozen=True, slots=True)
class ChangedFacts:
    """A meeting as it is now and as it was. What did not change is the same in both."""

    meeting: MeetingFacts
    was: MeetingFacts


@dataclass(frozen=True, slots=True)
class CourseChangedFacts:
    """The one explaining mail of a change: what was, what is, why, what to do. `meetings` are all that are still to come.

    `handed_over`: other consultants lead the course than before; `people` names those who do now. `second`: a second
    consultant came or went. `left` are meetings that go on without the reader. `invited`: new calendar invitations come along.
    `in_doubt` are meetings that nothing was found for yet; `resolved`: there were some, and now there are none.
    """

    kind: ClassVar[str] = "course_changed"
    reference: str
    reader: Reader
    why: tuple[Why, ...] = ()
    changed: tuple[ChangedFacts, ...] = ()
    added: tuple[MeetingFacts, ...] = ()
    dropped: tuple[MeetingFacts, ...] = ()
    left: tuple[MeetingFacts, ...] = ()
    handed_over: bool = False
    second: Literal["came", "went"] | None = None
    invited: bool = True
    resolved: bool = False
    in_doubt: tuple[MeetingFacts, ...] = ()
    meetings: tuple[MeetingFacts, ...] = ()
    people: tuple[PersonFacts, ...] = ()
    status_url: str | None = None
    plan_url: str | None = None


@dataclass(frozen=True, slots=True)
class CourseStalledFacts:
    """To contacts: these meetings cannot be held as planned, and nothing else was found yet."""

    kind: ClassVar[str] = "course_stalled"
    reference: str
    meetings: tuple[MeetingFacts, ...]
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class StallReportFacts:
    """To the coordinators' mailbox, which many may read: a reference, a number and the page of the course, and no names."""

    kind: ClassVar[str] = "stall_report"
    reference: str
    meetings: int
    course_url: str


@dataclass(frozen=True, slots=True)
class CourseLeftFacts:
    """To a consultant who takes part no more, because the course was planned anew."""

    kind: ClassVar[str] = "course_left"
    reference: str


@dataclass(frozen=True, slots=True)
class CourseCancelledFacts:
    """The organisation cancelled it; `meetings_cancelled` if it had been booked. How to reach the organisation is for contacts."""

    kind: ClassVar[str] = "course_cancelled"
    reference: str
    reader: Reader
    meetings_cancelled: bool
    phone: str = ""
    mail: str = ""
