"""Courses as lines of a list, in the reader's language. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from services.scheduler.coordinator.answer_rows import answer_counts
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.overdue import Overdue, overdue_of
from services.scheduler.standing import waits_for_staff
from shared.programme import Programme
from shared.reference.dates import format_short_date
from shared.reference.municipalities import Municipalities
from shared.words import Language, Words

Which = Literal["waiting", "booked", "completed", "cancelled", "stalled", "counter"]
"""A state, or (booked courses only) what waits for staff in it."""

STATES: Final[Mapping[Which, Words]] = {
    "waiting": Words(da="På venteliste", en="Waiting list"),
    "booked": Words(da="Booket", en="Booked"),
    "completed": Words(da="Afsluttet", en="Completed"),
    "cancelled": Words(da="Aflyst", en="Cancelled"),
}
FOR_STAFF: Final[Mapping[Which, Words]] = {
    "stalled": Words(da="Kan ikke holdes", en="Cannot be held"),
    "counter": Words(da="Forslag venter på jer", en="Proposals wait for you"),
}
LISTS: Final[Mapping[Which, Words]] = {**STATES, **FOR_STAFF}
HEADINGS: Final = (
    Words(da="Referencenummer", en="Reference number"),
    Words(da="Forløb", en="Course"),
    Words(da="Kommune", en="Municipality"),
    Words(da="Konsulent", en="Consultant"),
    Words(da="Næste møde", en="Next meeting"),
    Words(da="Svar på næste møde", en="Answers to it"),
    Words(da="Ansøgt", en="Applied"),
    Words(da="Senest i gang", en="To begin by"),
    Words(da="Bemærkning", en="Remark"),
)
NOW_HELD: Final = Words(da="prøves ikke, før I beder om det", en="not tried until you ask")
PINNED: Final = Words(da="fast konsulent", en="fixed consultant")
REMARKS: Final[Mapping[str, Words]] = {
    "stalled": Words(da="kan ikke holdes, som det er", en="cannot be held as it is"),
    "counter": Words(da="et forslag venter på jer", en="a proposal waits for you"),
}
OVERDUE: Final[Mapping[Overdue, Words]] = {
    "window": Words(da="kan ikke nå at begynde i tide", en="can no longer begin in time"),
    "long": Words(da="har ventet for længe", en="has waited too long"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One course. `cells` stand under HEADINGS, the reference number first."""

    course_id: str
    cells: tuple[str, ...]
    order: tuple[str, str]


def line_of(
    course: Course,
    *,
    names: Mapping[str, str],
    programme: Programme,
    municipalities: Municipalities,
    language: Language,
    now: datetime,
) -> Line:
    """The line of one course at the instant `now`; days are local to the programme."""

    def day(instant: datetime) -> str:
        return format_short_date(instant.astimezone(programme.tz).date(), language)

    request = course.request
    coming = next_meeting(course, now)
    plan = programme.plans.get(request.kind)
    leads = [names.get(one, one) for one in (course.consultant_id, course.second_id) if one is not None]
    places = [municipalities.get(one).short_name for one in request.municipalities if one in municipalities]
    waits = course.state == "waiting"
    return Line(
        course_id=course.application_id,
        cells=(
            request.reference,
            plan.name.in_language(language) if plan else request.kind,
            ", ".join(places),
            ", ".join(leads),
            day(coming.start) if coming else "",
            answer_counts(course, coming, language) if coming else "",
            day(request.submitted_at),
            format_short_date(course.window.latest_start, language) if waits else "",
            ", ".join(one.in_language(language) for one in _remarks(course, now, programme)),
        ),
        # What comes first needs somebody first: the next meeting, or who has waited longest.
        order=(coming.start.isoformat() if coming else "", request.submitted_at.isoformat()),
    )


def next_meeting(course: Course, now: datetime) -> BookedMeeting | None:
    """The first meeting that is still to come."""
    coming = [one for one in course.sittings if one.start > now]
    return min(coming, key=lambda one: one.start, default=None)


def _remarks(course: Course, now: datetime, programme: Programme) -> list[Words]:
    found = []
    overdue = overdue_of(course, now.astimezone(programme.tz).date(), programme)
    if overdue is not None:
        found.append(OVERDUE[overdue])
    if course.held:
        found.append(NOW_HELD)
    if course.pinned is not None:
        found.append(PINNED)
    found += [REMARKS[one] for one in waits_for_staff(course)]
    return found
