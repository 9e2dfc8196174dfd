"""The Kafka edge: what the scheduler tells of courses and the notifier of mails goes to intake's views."""

from collections.abc import Mapping
from typing import Protocol

from services.intake.follow_views import Views, follow_course, follow_message
from shared.consuming import Handler
from shared.envelope import Envelope
from shared.events import CourseEvent, Event, MessageEvent, events_of

GROUP = "intake"


class Waiting(Protocol):
    async def heard_of(self, event: CourseEvent) -> None:
        """Look again at what waited for this course."""

    async def heard_of_message(self, event: MessageEvent) -> None:
        """The same for what waited for this mail of ours."""


def handlers(views: Views, *, waiting: Waiting) -> Mapping[type[Event], Handler]:
    async def on_course(event: CourseEvent, envelope: Envelope) -> str:
        outcome = await follow_course(event, envelope, views=views)
        # Also where it was handled before: that time may have ended in between.
        await waiting.heard_of(event)
        return outcome

    async def on_message(event: MessageEvent, envelope: Envelope) -> str:
        outcome = await follow_message(event, envelope, views=views)
        await waiting.heard_of_message(event)
        return outcome

    return {
        **dict.fromkeys(events_of(CourseEvent), on_course),
        **dict.fromkeys(events_of(MessageEvent), on_message),
    }
