"""Names for what a course consists of: its meetings and the functions of its people. Pure."""

from collections.abc import Mapping
from typing import Final

from services.scheduler.course import Course
from shared.programme import Programme
from shared.words import Words

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
