"""The notifier's Kafka edge: which event is told by which use case."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.notifier.desk import Desk
from services.notifier.tell_application import tell_about_application
from services.notifier.tell_course import tell_about_course
from shared.consuming import Consumer, Handler
from shared.dead_letters import Sender
from shared.envelope import Envelope
from shared.events import ApplicationEvent, CourseEvent, Event, events_of
from shared.kafka import KafkaAddress

GROUP = "notifier"


def handlers(desk: Desk) -> Mapping[type[Event], Handler]:
    """The handler of each kind of event."""

    async def application(event: Any, envelope: Envelope) -> str:
        return await tell_about_application(event, envelope, desk=desk)

    async def course(event: Any, envelope: Envelope) -> str:
        return await tell_about_course(event, envelope, desk=desk)

    return {
        **dict.fromkeys(events_of(ApplicationEvent), application),
        **dict.fromkeys(events_of(CourseEvent), course),
    }


def make_consumer(
    desk: Desk, *, address: KafkaAddress, dead_letters: Sender, clock: Callable[[], datetime]
) -> Consumer:
    return Consumer(address=address, group=GROUP, handlers=handlers(desk), dead_letters=dead_letters, clock=clock)
