"""Looks up the newest of a course's consultants before it is judged whether they can hold it."""

from services.scheduler.course import Course
from services.scheduler.course_event import consultants_of
from services.scheduler.holding import changed_meanwhile
from services.scheduler.means import Means


async def know_people(course: Course, *, means: Means) -> None:
    """The picture of the roster then holds what is stored of them, and nobody who was erased.

    Without that look, leave that another process has just entered would not be seen, and a consultant whom it has just added would
    seem to be gone. Raises DependencyDownError.
    """
    leading = [one for one in (course.consultant_id, course.second_id) if one is not None]
    await changed_meanwhile(leading, means=means)
    people = await consultants_of(course, means=means)
    for one in leading:
        if one not in people:
            means.calendar.drop(one)
