"""How far an application has come, as its applicants see it: a code, a label, and what happens next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.intake.course_view import CourseView
from shared.events import ApplicationState, Meeting
from shared.words import Words

Code = Literal[
    "received",
    "under_review",
    "admitted",
    "waiting_list",
    "planned",
    "in_progress",
    "completed",
    "cancelled",
    "withdrawn",
    "declined",
]

LABELS: Final[Mapping[Code, Words]] = {
    "received": Words(da="Modtaget", en="Received"),
    "under_review": Words(da="Til vurdering", en="Under review"),
    "admitted": Words(da="Imødekommet", en="Accepted"),
    "waiting_list": Words(da="På venteliste", en="On the waiting list"),
    "planned": Words(da="Planlagt", en="Planned"),
    "in_progress": Words(da="I gang", en="In progress"),
    "completed": Words(da="Afsluttet", en="Completed"),
    "cancelled": Words(da="Aflyst", en="Cancelled"),
    "withdrawn": Words(da="Trukket tilbage", en="Withdrawn"),
    "declined": Words(da="Ikke imødekommet", en="Not accepted"),
}

NEXT: Final[Mapping[Code, Words]] = {
    "received": Words(
        da="Vi skriver til jeres kontaktpersoner. Når en af dem har bekræftet ansøgningen med linket i mailen, går vi "
        "i gang. Venter I på bekræftelsen af en tidligere ansøgning, så bekræft den, eller træk den tilbage, først.",
        en="We write to your contacts. Once one of them has confirmed the application with the link in the mail, we "
        "begin. If an earlier application still waits to be confirmed, confirm or withdraw that one first.",
    ),
    "under_review": Words(
        da="Vi vurderer jeres ansøgning og skriver til jer, når der er et svar.",
        en="We are looking at your application and will write to you when there is an answer.",
    ),
    "admitted": Words(
        da="Vi finder en konsulent og datoer, der passer jer, og skriver til jer, så snart møderne er booket.",
        en="We are finding a consultant and dates that suit you, and will write as soon as the meetings are booked.",
    ),
    "waiting_list": Words(
        da="Ingen konsulent kan tage jeres forløb lige nu. I står på venteliste, og vi prøver igen hver dag.",
        en="No consultant can take your course just now. You are on the waiting list, and we try again every day.",
    ),
    "planned": Words(
        da="Møderne er booket, og I har fået dem i jeres kalendere.",
        en="The meetings are booked, and you have them in your calendars.",
    ),
    "in_progress": Words(da="Jeres forløb er i gang.", en="Your course is in progress."),
    "completed": Words(
        da="Jeres forløb er afsluttet. Tak for jeres indsats.", en="Your course is completed. Thank you."
    ),
    "cancelled": Words(
        da="Jeres forløb er aflyst. Har I spørgsmål, så skriv eller ring til os. I er altid velkomne til at søge igen.",
        en="Your course is cancelled. If you have questions, write or call us. You are always welcome to apply again.",
    ),
    "withdrawn": Words(
        da="Ansøgningen er trukket tilbage. I er altid velkomne til at søge igen.",
        en="The application is withdrawn. You are always welcome to apply again.",
    ),
    "declined": Words(
        da="Vi kan ikke tilbyde jer et forløb denne gang. Har I spørgsmål til svaret, så skriv eller ring til os.",
        en="We cannot offer you a course this time. If you have questions about the answer, write or call us.",
    ),
}

NEXT_STALLED: Final = Words(
    da="Et møde kan måske ikke holdes, som det var planlagt. Vi arbejder på en løsning og skriver til jer. I skal ikke gøre noget.",
    en="A meeting may not be held as it was planned. We are looking for a solution and write to you. You need not do anything.",
)
"""In place of the above for a booked course of which something is in doubt."""

ENDED: Final = ("withdrawn", "declined", "cancelled", "completed")
"""Codes after which nothing is left to withdraw."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    code: Code
    may_confirm: bool
    may_withdraw: bool
    meetings: tuple[Meeting, ...]
    is_stalled: bool = False


def next_words(progress: Progress) -> Words:
    """What happens next, in a sentence or two."""
    return NEXT_STALLED if progress.is_stalled else NEXT[progress.code]


def code_of(state: ApplicationState, course: CourseView | None, *, now: datetime) -> Code:
    """The code at the instant `now`. What the application says of itself comes before what its course says."""
    if state.state in ("withdrawn", "declined"):
        return "withdrawn" if state.state == "withdrawn" else "declined"
    if state.state == "submitted":
        return "received" if state.needs_confirmation and not state.confirmed_by else "under_review"
    if course is None or course.state == "cancelled":
        # One cancelled for a withdrawal is heard of before the withdrawal itself, now and then.
        return "cancelled" if course is not None and course.cancelled_by == "staff" else "admitted"
    if course.state == "waiting":
        return "waiting_list"
    if course.state == "completed":
        return "completed"
    begun = any(meeting.start <= now for meeting in _held(course))
    return "in_progress" if begun else "planned"


def progress_of(
    state: ApplicationState, course: CourseView | None, *, person_id: str | None, now: datetime
) -> Progress:
    """What one reader sees; `person_id` is the contact whose own link it is, None for whoever sent the application."""
    code = code_of(state, course, now=now)
    return Progress(
        code=code,
        may_confirm=code == "received" and person_id is not None,
        may_withdraw=code not in ENDED,
        meetings=_held(course) if course and code not in ("withdrawn", "declined") else (),
        is_stalled=code in ("planned", "in_progress") and course is not None and course.stall is not None,
    )


def links_end(state: ApplicationState, course: CourseView | None, *, days: int) -> datetime | None:
    """When its links stop working: `days` after its course ended, it was withdrawn or declined; None while it goes on."""
    ended_at = state.withdrawn_at or state.declined_at
    if course is not None and course.state == "cancelled" and course.cancelled_by == "staff":
        ended_at = ended_at or course.decided_at
    if ended_at:
        return ended_at + timedelta(days=days)
    if course is not None and course.state in ("booked", "completed") and _held(course):
        return max(meeting.start for meeting in _held(course)) + timedelta(days=days)
    return None


def _held(course: CourseView) -> tuple[Meeting, ...]:
    meetings = course.meetings if course.state in ("booked", "completed") else ()
    return tuple(sorted((one for one in meetings if one.status == "confirmed"), key=lambda one: one.start))
