"""The Kafka edge: which events the scheduler follows."""

from services.scheduler.follow_application import follow_application
from services.scheduler.means import Means
from shared.consuming import Consumer
from shared.dead_letters import Sender
from shared.envelope import Envelope
from shared.events import ApplicationEvent, events_of
from shared.kafka import KafkaAddress

GROUP = "scheduler"


def make_consumer(*, address: KafkaAddress, dead_letters: Sender, means: Means) -> Consumer:
    """A member of the scheduler's consumer group."""

    async def follow(event: ApplicationEvent, envelope: Envelope) -> str:
        return await follow_application(event, envelope, means=means)

    return Consumer(
        address=address,
        group=GROUP,
        handlers=dict.fromkeys(events_of(ApplicationEvent), follow),
        dead_letters=dead_letters,
        clock=means.clock,
    )
