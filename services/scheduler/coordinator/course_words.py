"""Names for what a course consists of: its meetings and the functions of its people. Pure."""

from collections.abc import Mapping
from typing import Final

from services.scheduler.course import Course
from services.scheduler.decision_words import Names
from shared.events import Person
from shared.programme import Programme
from shared.words import Language, Words

FUNCTIONS: Final[Mapping[str, Words]] = {
    "leader": Words(da="Leder", en="Leader"),
    "employee": Words(da="Medarbejderrepræsentant", en="Employee representative"),
    "other": Words(da="Anden kontaktperson", en="Other contact"),
    "consultant": Words(da="Konsulent", en="Consultant"),
}


def meeting_names(course: Course, programme: Programme) -> dict[str, Words]:
    """Names of meetings by their codes: as booked, and else as the programme plans them."""
    plan = programme.plans.get(course.request.kind)
    planned = {one.code: one.name for one in plan.meetings} if plan else {}
    return planned | {one.code: one.name for one in course.meetings}


def names_for(course: Course, consultants: Mapping[str, Person], programme: Programme, language: Language) -> Names:
    """What a decision about this course is put into words with; `consultants` by id."""
    return Names(
        language=language,
        consultants={one.person_id: one.name for one in consultants.values()},
        meetings=meeting_names(course, programme),
    )
