"""What the services tell each other. Each event carries the full current state of its aggregate; people only in sealed blocks.

A consumer applies a newer state and drops an older one, so nothing is ever merged and a lost event is healed by the next.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.course_facts import Cause, DeclinedCounter, KnownAnswer, Label, Offer, Stall
from shared.fact import Fact
from shared.said import PartStat, Said
from shared.sealing import Sealed
from shared.wall_times import Interval, WallTime, Weekday
from shared.words import Language

APPLICATIONS = "forloeb.applications"
COURSES = "forloeb.courses"
CONSULTANTS = "forloeb.consultants"
MESSAGES = "forloeb.messages"
AUDIT = "forloeb.audit"
DEAD_LETTERS = "forloeb.dead-letters"

CourseKind = Literal["single", "joint"]


WallMoment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")]
"""A local date and time, "2027-01-12T09:00"; its zone stands beside it. Text, since it is no instant."""


# -- what lies inside the sealed blocks -------------------------------------------------------------------------------


class Invite(Fact):
    """One finished iCalendar object for one person (RFC 5546). `ics` is text with CRLF line ends, sent as it stands.

    `dtstamp` may be older than that of the meeting: then only other people's copies say something new. None: the meeting's.
    """

    meeting_id: str
    method: Literal["REQUEST", "CANCEL"]
    sequence: int
    dtstamp: AwareDatetime | None = None
    ics: str


class CounterReply(Fact):
    """A finished DECLINECOUNTER (RFC 5546 section 3.2.8) to one person; `number` is that of her proposal."""

    number: int
    meeting_id: str
    ics: str


class Person(Fact):
    """Sealed under the person's own key. `links` are the person's own signed addresses, by purpose.

    Purposes: "status" (contacts), "plan" (the consultant's page about the course), "answer" (confirms an answer that is held).
    """

    person_id: str
    function: Literal["leader", "employee", "other", "consultant"]
    name: str
    title: str
    mail: str
    phone: str
    language: Language
    links: dict[str, str] = Field(default_factory=dict)
    invites: tuple[Invite, ...] = ()
    counter_replies: tuple[CounterReply, ...] = ()


class Workplace(Fact):
    name: str
    street: str
    postal_code: str
    town: str
    municipality: str


class Matter(Fact):
    """What the application is about, sealed under the application's own key. Free text is in no event at all."""

    themes: tuple[str, ...]
    workplaces: tuple[Workplace, ...]


# -- applications ------------------------------------------------------------------------------------------------------


class UnavailablePeriod(Fact):
    """When the workplace cannot meet: `[start, end)` in the programme's zone."""

    start: WallMoment
    end: WallMoment


class AvoidedHours(Fact):
    """Hours of one weekday in which no meeting can be held, every week; `to_time` is not included."""

    weekday: Weekday
    from_time: WallTime
    to_time: WallTime


class Wishes(Fact):
    """When the workplace would rather meet. Wall times of the programme's zone."""

    avoid_weekdays: tuple[Weekday, ...] = ()
    avoid_hours: tuple[AvoidedHours, ...] = ()
    unavailable: tuple[UnavailablePeriod, ...] = ()
    preferred_hours: Interval | None = None


class ReturnedMail(Fact):
    """A mail of ours about which a mail server wrote a report (RFC 3464): it could not be delivered, or not yet.

    `status` is the enhanced code of the report, "5.1.1", where it has one. Numbered like what people said.
    """

    number: int
    message_id: str
    action: Literal["failed", "delayed"]
    status: str | None = None
    at: AwareDatetime


class ApplicationState(Fact):
    """An application as intake knows it. `people` and `matter` are sealed; `people` is keyed by person id.

    `format` is the code of how the course is to be held, where its plan offers several ways. `said` is the newest of what
    people said about its meetings, in order; `said_count` numbers the last of it. `returned` and `returned_count` are the same
    for mails that came back.
    """

    application_id: str
    reference: str
    programme: str
    kind: CourseKind
    format: str | None = None
    state: Literal["submitted", "admitted", "declined", "withdrawn"]
    committee: str
    municipalities: tuple[str, ...]
    sector: str
    employees: int
    participants: int
    committees_expected: int | None = None
    earliest_start: date
    wishes: Wishes = Wishes()
    submitted_at: AwareDatetime
    admitted_at: AwareDatetime | None = None
    declined_at: AwareDatetime | None = None
    declined_ground: str | None = None
    withdrawn_at: AwareDatetime | None = None
    needs_confirmation: bool
    confirmed_by: tuple[str, ...] = ()
    contacts: tuple[str, ...]
    people: dict[str, Sealed]
    matter: Sealed
    said: tuple[Said, ...] = ()
    said_count: int = 0
    returned: tuple[ReturnedMail, ...] = ()
    returned_count: int = 0


class Event(Fact):
    topic: ClassVar[str]
    type: ClassVar[str]


class ApplicationEvent(Event):
    topic = APPLICATIONS
    application: ApplicationState


class ApplicationSubmitted(ApplicationEvent):
    type = "dk.forloeb.ApplicationSubmitted.v1"


class ApplicationAdmitted(ApplicationEvent):
    """A course is to be sought; the scheduler books on this alone."""

    type = "dk.forloeb.ApplicationAdmitted.v1"


class ApplicationDeclined(ApplicationEvent):
    """A coordinator decided against a course, on one of the programme's grounds. What she wrote about it stays with intake."""

    type = "dk.forloeb.ApplicationDeclined.v1"


class ApplicationWithdrawn(ApplicationEvent):
    type = "dk.forloeb.ApplicationWithdrawn.v1"


class LinkIssued(ApplicationEvent):
    """All older links are void. Who has a link in this event's block is to be mailed it."""

    type = "dk.forloeb.LinkIssued.v1"


class ContactChanged(ApplicationEvent):
    """A contact changed something about themselves, e.g. the language of their mails."""

    type = "dk.forloeb.ContactChanged.v1"


class InvitationAnswered(ApplicationEvent):
    """Somebody's calendar answered, or proposed another time: the last of what was said."""

    type = "dk.forloeb.InvitationAnswered.v1"


class NewDatesRequested(ApplicationEvent):
    """A contact asks for other dates for a meeting, or has chosen one that was offered: the last of what was said."""

    type = "dk.forloeb.NewDatesRequested.v1"


class MailReturned(ApplicationEvent):
    """A mail server reported about one of our mails: the last of what was returned."""

    type = "dk.forloeb.MailReturned.v1"


class HeldAnswer(Fact):
    """An answer that would make the system act, and that its sender has to confirm until `until`. See `CalendarAnswer`."""

    held_id: str
    person_id: str
    meeting_id: str
    partstat: PartStat | None = None
    proposed: AwareDatetime | None = None
    at: AwareDatetime
    until: AwareDatetime


class AnswerHeld(ApplicationEvent):
    """`person`, the invited one, is to be mailed the link "answer" in her block: whoever wrote may be somebody else."""

    type = "dk.forloeb.AnswerHeld.v1"

    held: HeldAnswer
    person: Sealed


# -- courses -----------------------------------------------------------------------------------------------------------


class Meeting(Fact):
    """One dated sitting. `start` is the instant, `wall_start` the local time in `zone` that people agreed to.

    `place` is "workplace", "online" or "venue"; where it is not online, `workplace` counts the workplaces of the course's
    matter from 0. `label` is its neutral name. `reply_ids` are, by person, the random halves of her reply token, of whoever has
    or had an invite; without the signing key nobody can make an address from them. `attendees` are those who are invited now.
    """

    meeting_id: str
    code: str
    label: Label | None = None
    place: str
    workplace: int = 0
    minutes: int
    start: AwareDatetime
    wall_start: WallMoment
    zone: str
    uid: str
    sequence: int
    dtstamp: AwareDatetime
    status: Literal["confirmed", "cancelled"]
    reply_ids: dict[str, str] = Field(default_factory=dict)
    attendees: tuple[str, ...] = ()


class CourseState(Fact):
    """A course as the scheduler knows it; `application_id` is its id. `reasons` counts consultants by the rule that ruled them out.

    `people` holds whoever has an invite, also who takes part no more: her calendar objects then cancel her copies.
    `cancelled_by`: contacts hear of their own withdrawal from the application, of what staff decided from here. `held`: it
    waits until staff let it be tried again. `cause` is that of the last change of what was booked; `stall`: a booked course of
    which something cannot be held as it is.
    """

    application_id: str
    reference: str
    programme: str
    kind: CourseKind
    state: Literal["booked", "waiting", "cancelled", "completed"]
    earliest: date
    latest: date
    consultant_id: str | None = None
    second_id: str | None = None
    cancelled_by: Literal["applicant", "staff"] | None = None
    held: bool = False
    meetings: tuple[Meeting, ...] = ()
    reasons: dict[str, int] = Field(default_factory=dict)
    answers: tuple[KnownAnswer, ...] = ()
    cause: Cause | None = None
    stall: Stall | None = None
    offer: Offer | None = None
    declined_counters: tuple[DeclinedCounter, ...] = ()
    decided_at: AwareDatetime
    contacts: tuple[str, ...]
    people: dict[str, Sealed]
    matter: Sealed


class CourseEvent(Event):
    topic = COURSES
    course: CourseState


class CourseBooked(CourseEvent):
    type = "dk.forloeb.CourseBooked.v1"


class CourseRebooked(CourseEvent):
    """Meetings of a booked course have other times or places, other consultants hold them, or there are more or fewer of them."""

    type = "dk.forloeb.CourseRebooked.v1"


class CourseStalled(CourseEvent):
    """Something of a booked course cannot be held, and no repair was found. Told again only when what stalls it changes."""

    type = "dk.forloeb.CourseStalled.v1"


class AnswerNoted(CourseEvent):
    """An answer is known; the meetings stay as they are."""

    type = "dk.forloeb.AnswerNoted.v1"


class DatesOffered(CourseEvent):
    """Other times for a meeting are held for a choice, or there are none."""

    type = "dk.forloeb.DatesOffered.v1"


class CounterDeclined(CourseEvent):
    """A time that somebody proposed is not possible. Whoever proposed it has the answer in her block."""

    type = "dk.forloeb.CounterDeclined.v1"


class CourseCancelled(CourseEvent):
    type = "dk.forloeb.CourseCancelled.v1"


class CourseCompleted(CourseEvent):
    type = "dk.forloeb.CourseCompleted.v1"


class ApplicationWaitlisted(CourseEvent):
    """No consultant can take the course now. Told again only when the reasons change."""

    type = "dk.forloeb.ApplicationWaitlisted.v1"


# -- consultants -------------------------------------------------------------------------------------------------------


class ConsultantState(Fact):
    """A consultant of the roster; `person` is sealed under her own key."""

    consultant_id: str
    active: bool
    municipality: str
    themes: tuple[str, ...]
    sectors: tuple[str, ...]
    max_courses: int
    changed_at: AwareDatetime
    person: Sealed


class ConsultantEvent(Event):
    topic = CONSULTANTS
    consultant: ConsultantState


class ConsultantRegistered(ConsultantEvent):
    type = "dk.forloeb.ConsultantRegistered.v1"


class ConsultantChanged(ConsultantEvent):
    type = "dk.forloeb.ConsultantChanged.v1"


# -- messages ----------------------------------------------------------------------------------------------------------


class MessageState(Fact):
    """One e-mail to one person. `code` and `enhanced_code` are the mail server's last answer (RFC 5321, RFC 3463).

    A mail that was accepted may be bounced later. `reason` is a word for staff. `undeliverable`: the address takes no mail,
    so nothing more is sent to it until the person has another one, or staff say so. `resend_of`: the older mail that staff had
    sent again as this one.
    """

    message_id: str
    application_id: str
    person_id: str
    kind: str
    meeting_id: str | None = None
    internet_message_id: str
    state: Literal["accepted", "failed", "bounced"]
    attempts: int
    created_at: AwareDatetime
    decided_at: AwareDatetime
    code: int | None = None
    enhanced_code: str | None = None
    reason: str | None = None
    undeliverable: bool = False
    resend_of: str | None = None


class MessageEvent(Event):
    topic = MESSAGES
    message: MessageState


class MessageSent(MessageEvent):
    type = "dk.forloeb.MessageSent.v1"


class MessageFailed(MessageEvent):
    type = "dk.forloeb.MessageFailed.v1"


class MessageBounced(MessageEvent):
    """The mail server had accepted it, and reported later that it could not be delivered."""

    type = "dk.forloeb.MessageBounced.v1"


# -- what staff did ----------------------------------------------------------------------------------------------------


class StaffAct(Fact):
    """One change by staff, or by a consultant of the course: her id is the account then.

    `act` is a code such as "course.moved"; the reason given stays with what was changed.
    """

    account: str
    role: Literal["coordinator", "operator", "program", "consultant"]
    service: str
    act: str
    aggregate_id: str
    acted_at: AwareDatetime


class StaffActed(Event):
    topic = AUDIT
    type = "dk.forloeb.StaffActed.v1"

    staff_act: StaffAct


EVENTS: dict[str, type[Event]] = {
    event.type: event
    for event in (
        ApplicationSubmitted,
        ApplicationAdmitted,
        ApplicationDeclined,
        ApplicationWithdrawn,
        LinkIssued,
        ContactChanged,
        InvitationAnswered,
        NewDatesRequested,
        AnswerHeld,
        MailReturned,
        CourseBooked,
        CourseRebooked,
        CourseStalled,
        AnswerNoted,
        DatesOffered,
        CounterDeclined,
        CourseCancelled,
        CourseCompleted,
        ApplicationWaitlisted,
        ConsultantRegistered,
        ConsultantChanged,
        MessageSent,
        MessageFailed,
        MessageBounced,
        StaffActed,
    )
}


def events_of(base: type[Event]) -> tuple[type[Event], ...]:
    """All kinds of events of one aggregate, such as `CourseEvent`."""
    return tuple(kind for kind in EVENTS.values() if issubclass(kind, base))
