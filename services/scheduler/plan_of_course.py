"""Which plan a course has: its own once it is booked, and the programme's to begin with. Pure."""

from services.scheduler.course import Course, Request
from services.scheduler.own_plan import CourseMeeting, copied, same_shape
from shared.events import Matter
from shared.programme import Programme


def new_plan(request: Request, matter: Matter, programme: Programme) -> tuple[CourseMeeting, ...]:
    """The plan that such a course begins with: the programme's, in the format that was chosen."""
    return copied(programme.plans[request.kind].meetings_of(request.format), len(matter.workplaces))


def plan_of(course: Course, matter: Matter, programme: Programme) -> tuple[CourseMeeting, ...] | None:
    """A booked course's own plan, in the order of its sittings.

    One that was booked before courses had one of their own has the programme's, or None where that is another one by now.
    """
    if course.plan:
        return course.plan
    if course.request.kind not in programme.plans:
        return None
    plan = new_plan(course.request, matter, programme)
    if not same_shape(plan, ((one.code, one.minutes, one.place) for one in course.sittings)):
        return None
    return tuple(
        one.model_copy(update={"name": sitting.name, "workplace": sitting.workplace})
        for one, sitting in zip(plan, course.sittings, strict=True)
    )
