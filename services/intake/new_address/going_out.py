"""What a person is sent to a new address, as staff are told before they change it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.course_view import CourseView
from services.intake.meeting_words import name_of
from services.intake.status.meeting_rows import span_of
from services.intake.status.message_rows import KINDS
from shared.events import ApplicationState
from shared.programme import Programme
from shared.words import Language, Words

LINK: Final = Words(da="Nyt link til statussiden", en="New link to the status page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One mail: its kind in words; for an invitation the name of the meeting, and when it is."""

    kind: Words
    meeting: Words | None = None
    span: str = ""


def going_out(
    state: ApplicationState,
    course: CourseView | None,
    person_id: str,
    *,
    programme: Programme,
    language: Language,
    now: datetime,
) -> tuple[Outgoing, ...]:
    """The mails that tell the person anew what holds now; before an application is admitted, the receipt alone.

    The notifier decides what it sends; this says it beforehand, and nothing depends on it.
    """
    first = (Outgoing(kind=LINK if state.admitted_at else KINDS["receipt"]),)
    if course is None or state.state != "admitted":
        return first
    if course.state == "waiting":
        return (*first, Outgoing(kind=KINDS["waiting_list"]))
    if course.state != "booked":
        return first
    invites = tuple(
        Outgoing(kind=KINDS["invite"], meeting=name_of(one, state.kind, programme), span=span_of(one, language))
        for one in sorted(course.meetings, key=lambda one: one.start)
        if one.status == "confirmed" and one.start > now and person_id in one.attendees
    )
    return (*first, Outgoing(kind=KINDS["course_booked"]), *invites)
