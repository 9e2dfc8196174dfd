"""The Kafka edge: what the scheduler tells of courses and the notifier of mails goes to intake's views."""

from collections.abc import Mapping

from services.intake.follow_views import Views, follow_course, follow_message
from shared.consuming import Handler
from shared.envelope import Envelope
from shared.events import (
    ApplicationWaitlisted,
    CourseBooked,
    CourseCancelled,
    CourseCompleted,
    CourseEvent,
    Event,
    MessageEvent,
    MessageFailed,
    MessageSent,
)

GROUP = "intake"


def handlers(views: Views) -> Mapping[type[Event], Handler]:
    async def on_course(event: CourseEvent, envelope: Envelope) -> str:
        return await follow_course(event, envelope, views=views)

    async def on_message(event: MessageEvent, envelope: Envelope) -> str:
        return await follow_message(event, envelope, views=views)

    return {
        **dict.fromkeys((ApplicationWaitlisted, CourseBooked, CourseCancelled, CourseCompleted), on_course),
        **dict.fromkeys((MessageSent, MessageFailed), on_message),
    }
