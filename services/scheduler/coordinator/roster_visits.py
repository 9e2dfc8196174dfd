"""Who is where when: the meetings of booked courses by consultant. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.scheduler.course import BookedMeeting, Course
from shared.reference.dates import format_clock
from shared.reference.municipalities import Municipalities
from shared.words import Language, Words

# Where a venue is stands sealed with its course.
_PLACES: Final = {"online": Words(da="online", en="online"), "venue": Words(da="et andet sted", en="another place")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One meeting of one consultant. `day` is local, `clock` when on that day, `place` a municipality: never a workplace."""

    course_id: str
    reference: str
    meeting_id: str
    day: date
    clock: str
    place: str


Visits = dict[str, list[Visit]]
"""By consultant, in the order of time."""


def visits_of(
    courses: Iterable[Course], *, first: date, last: date, municipalities: Municipalities, language: Language
) -> Visits:
    """The meetings that take place on the local days from `first` to `last`, both included."""
    found: list[tuple[str, str, Visit]] = []
    for course in courses:
        for meeting in course.sittings:
            start = datetime.fromisoformat(meeting.wall_start)
            if first <= start.date() <= last:
                visit = _visit(course, meeting, start, municipalities, language)
                found += [(meeting.wall_start, who, visit) for who in consultants_at(course, meeting)]
    visits: Visits = {}
    for _, who, visit in sorted(found, key=lambda row: row[:2]):
        visits.setdefault(who, []).append(visit)
    return visits


def consultants_at(course: Course, meeting: BookedMeeting) -> list[str]:
    """Ids of the consultants who were told to be there: not always those who lead the course now."""
    return [one for one in meeting.tokens if meeting.attends(one) and one not in course.request.contacts]


def _visit(
    course: Course, meeting: BookedMeeting, start: datetime, municipalities: Municipalities, language: Language
) -> Visit:
    end = start + timedelta(minutes=meeting.minutes)
    known = [municipalities.get(one).short_name for one in course.request.municipalities if one in municipalities]
    return Visit(
        course_id=course.application_id,
        reference=course.request.reference,
        meeting_id=meeting.meeting_id,
        day=start.date(),
        clock=f"{format_clock(start, language)}\N{EN DASH}{format_clock(end, language)}",
        place=_PLACES[meeting.place].in_language(language) if meeting.place in _PLACES else "/".join(known),
    )
