"""What each kind of mail tells, as plain values. No theme and no free text has a place here, so none can slip out."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.notifier.address_mail_facts import AddressChangedFacts, AddressReportFacts, AddressWantedFacts
from services.notifier.course_mail_facts import (
    CourseBookedFacts,
    CourseCancelledFacts,
    CourseChangedFacts,
    CourseLeftFacts,
    CourseStalledFacts,
    StallReportFacts,
)
from services.notifier.fact_parts import Reader
from services.notifier.meeting_mail_facts import (
    CancellationFacts,
    ConfirmAnswerFacts,
    CounterDeclinedFacts,
    InviteFacts,
)
from services.notifier.timed_mail_facts import (
    BriefingFacts,
    EvaluationFacts,
    HomeworkFacts,
    MaterialsFacts,
    ReminderFacts,
    TrialCheckFacts,
)


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
    """`start_before` is the last day on which the course may begin; `again`: it had been booked, and its meetings are off.

    `decided`: people decide about applications, and this mail tells that the answer is yes.
    """

    kind: ClassVar[str] = "waiting_list"
    reference: str
    again: bool = False
    start_before: date | None = None
    status_url: str | None = None
    decided: bool = False


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
    | CourseStalledFacts
    | StallReportFacts
    | CourseLeftFacts
    | CourseCancelledFacts
    | InviteFacts
    | CancellationFacts
    | CounterDeclinedFacts
    | ConfirmAnswerFacts
    | WithdrawnFacts
    | DeclinedFacts
    | NewLinkFacts
    | HomeworkFacts
    | BriefingFacts
    | ReminderFacts
    | TrialCheckFacts
    | MaterialsFacts
    | EvaluationFacts
    | AddressWantedFacts
    | AddressReportFacts
    | AddressChangedFacts
)

KINDS: tuple[type[Facts], ...] = (
    ReceiptFacts,
    WaitingListFacts,
    CourseBookedFacts,
    CourseChangedFacts,
    CourseStalledFacts,
    StallReportFacts,
    CourseLeftFacts,
    CourseCancelledFacts,
    InviteFacts,
    CancellationFacts,
    CounterDeclinedFacts,
    ConfirmAnswerFacts,
    WithdrawnFacts,
    DeclinedFacts,
    NewLinkFacts,
    HomeworkFacts,
    BriefingFacts,
    ReminderFacts,
    TrialCheckFacts,
    MaterialsFacts,
    EvaluationFacts,
    AddressWantedFacts,
    AddressReportFacts,
    AddressChangedFacts,
)
