"""What each kind of mail tells, as plain values. No theme and no free text has a place here, so none can slip out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

Function = Literal["leader", "employee", "other", "consultant"]
Reader = Literal["contact", "consultant"]


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """One meeting. `starts` and `ends` are aware wall times in the meeting's own zone; `label` is neutral.

    `preparation` is what those who take part do beforehand.
    """

    label: str
    starts: datetime
    ends: datetime
    place: str = ""
    preparation: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody the reader will meet. `mail` and `phone` stay empty for readers who need not know them."""

    name: str
    function: Function
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Goes to addresses that nobody has confirmed yet, so it repeats nothing that was typed into the form.

    Without `confirm_url` there is nothing to confirm. `answer_before` is the last day on which the reader hears from
    us, None while that depends on when somebody confirms: `answer_days` working days later. `reviewed` tells that people
    decide about applications first.
    """

    kind: ClassVar[str] = "receipt"
    reference: str
    answer_days: int
    answer_before: date | None = None
    confirm_url: str | None = None
    status_url: str | None = None
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class WaitingListFacts:
    """`start_before` is the last day on which the course may begin; `again`: it had been booked, and its meetings are off."""

    kind: ClassVar[str] = "waiting_list"
    reference: str
    again: bool = False
    start_before: date | None = None
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class CourseBookedFacts:
    """The one explaining mail of a booked course: all dates, and the other people. `workplaces` is the consultant's.

    `second`: the reader is the second consultant, and the meetings are those that she takes part in.
    """

    kind: ClassVar[str] = "course_booked"
    reference: str
    reader: Reader
    meetings: tuple[MeetingFacts, ...]
    people: tuple[PersonFacts, ...]
    workplaces: tuple[str, ...] = ()
    status_url: str | None = None
    second: bool = False


@dataclass(frozen=True, slots=True)
class MovedFacts:
    """A meeting at its new time, and the time at which it was."""

    meeting: MeetingFacts
    was_starts: datetime
    was_ends: datetime


@dataclass(frozen=True, slots=True)
class CourseChangedFacts:
    """The one explaining mail of a change: what was and what is. `meetings` are all that are still to come.

    `handed_over`: other consultants lead the course than before; `people` names those who do now.
    """

    kind: ClassVar[str] = "course_changed"
    reference: str
    reader: Reader
    moved: tuple[MovedFacts, ...]
    handed_over: bool
    meetings: tuple[MeetingFacts, ...]
    people: tuple[PersonFacts, ...]
    status_url: str | None = None


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


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """The one sentence beside a calendar REQUEST; `changed` for every one after the first."""

    kind: ClassVar[str] = "invite"
    meeting: MeetingFacts
    changed: bool = False


@dataclass(frozen=True, slots=True)
class CancellationFacts:
    """The one sentence beside a calendar CANCEL; without `whole_meeting` it is off for this reader only."""

    kind: ClassVar[str] = "cancellation"
    meeting: MeetingFacts
    whole_meeting: bool = True


@dataclass(frozen=True, slots=True)
class WithdrawnFacts:
    """The application was withdrawn; `meetings_cancelled` if a course had been booked for it."""

    kind: ClassVar[str] = "withdrawn"
    reference: str
    reader: Reader
    meetings_cancelled: bool


@dataclass(frozen=True, slots=True)
class DeclinedFacts:
    """Somebody decided against a course. `ground` is the programme's sentence, in the reader's language."""

    kind: ClassVar[str] = "declined"
    reference: str
    ground: str
    phone: str
    mail: str


@dataclass(frozen=True, slots=True)
class NewLinkFacts:
    """A new link to the status page; all links in earlier mails are void. May go to an unconfirmed address."""

    kind: ClassVar[str] = "new_link"
    reference: str
    status_url: str


Facts = (
    ReceiptFacts
    | WaitingListFacts
    | CourseBookedFacts
    | CourseChangedFacts
    | CourseLeftFacts
    | CourseCancelledFacts
    | InviteFacts
    | CancellationFacts
    | WithdrawnFacts
    | DeclinedFacts
    | NewLinkFacts
)

KINDS: tuple[type[Facts], ...] = (
    ReceiptFacts,
    WaitingListFacts,
    CourseBookedFacts,
    CourseChangedFacts,
    CourseLeftFacts,
    CourseCancelledFacts,
    InviteFacts,
    CancellationFacts,
    WithdrawnFacts,
    DeclinedFacts,
    NewLinkFacts,
)
