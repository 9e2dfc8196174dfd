"""The Kafka edge: every event of a course goes to the view of courses."""

from collections.abc import Mapping

from services.intake.course_view import Courses, follow
from shared.consuming import Handler
from shared.envelope import Envelope
from shared.events import ApplicationWaitlisted, CourseBooked, CourseCancelled, CourseCompleted, CourseEvent, Event

GROUP = "intake"


def handlers(courses: Courses) -> Mapping[type[Event], Handler]:
    async def on_course(event: CourseEvent, envelope: Envelope) -> str:
        return await follow(event, envelope, courses=courses)

    return dict.fromkeys((ApplicationWaitlisted, CourseBooked, CourseCancelled, CourseCompleted), on_course)
