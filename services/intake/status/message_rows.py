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
}
OTHER: Final = Words(da="Besked", en="Message")
FUNCTIONS: Final[Mapping[str, Words]] = {
    "leader": Words(da="Leder", en="Leader"),
    "employee": Words(da="Medarbejderrepræsentant", en="Employee representative"),
    "other": Words(da="Anden kontaktperson", en="Other contact"),
    "consultant": Words(da="Konsulent", en="Consultant"),
}
OURSELVES: Final = Words(da="Koordinator", en="Coordinator")
ERASED: Final = Words(da="Slettet kontaktperson", en="Erased contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """`meeting` is the name of the meeting that it is about, if any; `day` and `clock` are local to the programme."""

    kind: Words
    meeting: Words | None
    recipient: Words
    day: str
    clock: str
    is_delivered: bool


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
    """A row for each mail. `people` are the contacts who can still be read; `contacts` are all of them."""
    known = {one.meeting_id: one for one in meetings}

    def meeting_of(message: MessageView) -> Words | None:
        meeting = known.get(message.meeting_id or "")
        return name_of(meeting, kind, programme) if meeting else None

    def recipient_of(message: MessageView) -> Words:
        if message.kind == "stall_report":
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
            is_delivered=one.state == "accepted",
        )
        for one in messages
    )
