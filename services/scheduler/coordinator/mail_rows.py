"""The mails that an act would send, in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.scheduler.coordinator.course_words import FUNCTIONS
from services.scheduler.mails import Mail
from shared.events import Person
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

KINDS: Final[Mapping[str, Words]] = {
    "course_booked": Words(da="Besked om forløbet", en="Message about the course"),
    "course_changed": Words(da="Besked om ændringen", en="Message about the change"),
    "course_left": Words(da="Besked om ikke længere at være med", en="Message about taking part no more"),
    "course_cancelled": Words(da="Besked om, at forløbet er aflyst", en="Message that the course is cancelled"),
    "waiting_list": Words(da="Besked om venteliste", en="Message about the waiting list"),
    "withdrawn": Words(
        da="Besked om, at ansøgningen er trukket tilbage", en="Message that the application is withdrawn"
    ),
    "invite": Words(da="Mødeindkaldelse", en="Invitation to a meeting"),
    "counter_declined": Words(da="Svar på det foreslåede tidspunkt", en="Answer to the proposed time"),
    "cancellation": Words(da="Aflysning i kalenderen", en="Cancellation in the calendar"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """`meeting` is its name with the times before and after, empty where the mail is about the whole course."""

    name: str
    function: Words
    kind: Words
    meeting: str


def mail_rows(
    mails: Iterable[Mail], people: Mapping[str, Person], meetings: Mapping[str, Words], language: Language
) -> list[MailRow]:
    """One row for each mail. `meetings` are the names by code."""
    return [
        MailRow(
            name=people[one.person_id].name if one.person_id in people else one.person_id,
            function=FUNCTIONS.get(one.function, FUNCTIONS["other"]),
            kind=KINDS[one.kind],
            meeting=_meeting(one, meetings, language),
        )
        for one in mails
    ]


def _meeting(mail: Mail, meetings: Mapping[str, Words], language: Language) -> str:
    if mail.meeting is None:
        return ""
    name = meetings[mail.meeting].in_language(language) if mail.meeting in meetings else mail.meeting
    was, becomes = (_moment(one, language) for one in (mail.was, mail.becomes))
    if was and becomes and was != becomes:
        return f"{name}: {was} → {becomes}"
    return f"{name}: {becomes or was}"


def _moment(wall: str | None, language: Language) -> str:
    if wall is None:
        return ""
    moment = datetime.fromisoformat(wall)
    at = " kl. " if language == "da" else ", "
    return f"{format_short_date(moment.date(), language)}{at}{format_clock(moment, language)}"
