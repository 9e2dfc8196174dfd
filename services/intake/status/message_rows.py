"""The mails about an application as the status page lists them: what, to whom, when, and whether it arrived. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.meeting_words import name_of
from services.intake.message_view import MessageView
from shared.events import CourseKind, Meeting, Person
from shared.programme import Programme
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

KINDS: Final[Mapping[str, Words]] = {
    "receipt": Words(da="Kvittering for ansøgningen", en="Receipt for the application"),
    "waiting_list": Words(da="Besked om venteliste", en="Message about the waiting list"),
    "course_booked": Words(da="Besked om jeres forløb", en="Message about your course"),
    "course_changed": Words(da="Besked om en ændring i jeres forløb", en="Message about a change of your course"),
    "course_stalled": Words(
        da="Besked om et møde, der skal placeres på ny", en="Message about a meeting that is placed anew"
    ),
    "stall_report": Words(
        da="Besked til os selv om et møde, der skal placeres på ny",
        en="Message to ourselves about a meeting that is placed anew",
    ),
    "counter_declined": Words(da="Svar på et forslag om et andet tidspunkt", en="Answer to a proposal of another time"),
    "confirm_answer": Words(
        da="Spørgsmål om et svar, der skal bekræftes", en="Question about an answer to be confirmed"
    ),
    "course_left": Words(da="Besked til den tidligere konsulent", en="Message to the consultant of before"),
    "course_cancelled": Words(da="Besked om, at forløbet er aflyst", en="Message that the course is cancelled"),
    "invite": Words(da="Mødeindkaldelse", en="Invitation to a meeting"),
    "cancellation": Words(da="Aflysning af et møde", en="Cancellation of a meeting"),
    "withdrawn": Words(
        da="Besked om, at ansøgningen er trukket tilbage", en="Message that the application is withdrawn"
    ),
    "declined": Words(da="Svar på ansøgningen", en="Answer to the application"),
    "new_link": Words(da="Nyt link til denne side", en="New link to this page"),
    "homework": Words(da="Det, I skal gøre før det første møde", en="What to do before the first meeting"),
    "briefing": Words(da="Oplysninger til konsulenten om forløbet", en="About the course, to the consultant"),
    "reminder": Words(da="Påmindelse om et møde", en="Reminder of a meeting"),
    "trial_check": Words(da="Spørgsmål om jeres prøvehandling", en="Question about what you are trying out"),
    "materials": Words(da="Materialer til jeres forløb", en="Materials for your course"),
    "evaluation": Words(da="Spørgeskema om forløbet", en="Questionnaire about the course"),
    "address_wanted": Words(da="Spørgsmål om en ny mailadresse", en="Question about a new e-mail address"),
    "address_changed": Words(da="Besked til den tidligere mailadresse", en="Message to the e-mail address of before"),
    "address_report": Words(
        da="Besked til os selv om en adresse, der ikke tager imod mails",
        en="Message to ourselves about an address that takes no mails",
    ),
}
OTHER: Final = Words(da="Besked", en="Message")
FUNCTIONS: Final[Mapping[str, Words]] = {
    "leader": Words(da="Leder", en="Leader"),
    "employee": Words(da="Medarbejderrepræsentant", en="Employee representative"),
    "other": Words(da="Anden kontaktperson", en="Other contact"),
    "consultant": Words(da="Konsulent", en="Consultant"),
}
TO_OURSELVES: Final = frozenset({"stall_report", "address_report"})
OURSELVES: Final = Words(da="Koordinator", en="Coordinator")
FATES: Final[Mapping[str, Words]] = {
    "accepted": Words(da="Sendt", en="Sent"),
    "failed": Words(da="Kunne ikke leveres", en="Could not be delivered"),
    "bounced": Words(da="Kom retur", en="Came back"),
}
ERASED: Final = Words(da="Slettet kontaktperson", en="Erased contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """`meeting` is the name of the meeting that it is about, if any; `day` and `clock` are local to the programme."""

    kind: Words
    meeting: Words | None
    recipient: Words
    day: str
    clock: str
    fate: Words


def message_rows(
    messages: Collection[MessageView],
    *,
    people: Mapping[str, Person],
    contacts: Collection[str],
    kind: CourseKind,
    meetings: Collection[Meeting],
    programme: Programme,
    language: Language,
) -> tuple[MessageRow, ...]:
    """A row for each mail; one that was sent again stands in place of its elder.

    `people` are the contacts who can still be read; `contacts` are all of them.
    """
    sent_again = {one.resend_of for one in messages if one.resend_of}
    known = {one.meeting_id: one for one in meetings}

    def meeting_of(message: MessageView) -> Words | None:
        meeting = known.get(message.meeting_id or "")
        return name_of(meeting, kind, programme) if meeting else None

    def recipient_of(message: MessageView) -> Words:
        if message.kind in TO_OURSELVES:
            return OURSELVES
        if message.person_id in people:
            return FUNCTIONS[people[message.person_id].function]
        return ERASED if message.person_id in contacts else FUNCTIONS["consultant"]

    def wall(message: MessageView) -> datetime:
        return message.decided_at.astimezone(programme.tz)

    return tuple(
        MessageRow(
            kind=KINDS.get(one.kind, OTHER),
            meeting=meeting_of(one),
            recipient=recipient_of(one),
            day=format_short_date(wall(one).date(), language),
            clock=format_clock(wall(one), language),
            fate=FATES[one.state],
        )
        for one in messages
        if one.message_id not in sent_again
    )
