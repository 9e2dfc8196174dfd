"""Who reads which topic: the monitor must know, since a group that never committed anything is behind by all of it."""

from types import SimpleNamespace
from typing import Any

from services.intake import consumer as intake
from services.monitor.consumer import GROUP
from services.monitor.lag import READERS
from services.notifier import consumer as notifier
from services.scheduler import consumer as scheduler
from shared.consuming import Consumer
from shared.kafka import TOPICS, KafkaAddress

ANYWHERE = KafkaAddress(bootstrap_servers="127.0.0.1:1")


def topics_of(handlers: Any) -> set[str]:
    return {event.topic for event in handlers}


def test_the_monitor_knows_what_each_service_reads() -> None:
    """The same groups and topics as the services' own consumers."""
    nothing: Any = SimpleNamespace(clock=None)
    scheduling: Consumer = scheduler.make_consumer(address=ANYWHERE, dead_letters=nothing, means=nothing)
    assert {name: set(topics) for name, topics in READERS.items()} == {
        intake.GROUP: topics_of(intake.handlers(nothing, waiting=nothing)),
        scheduling.group: set(scheduling.topics),
        notifier.GROUP: topics_of(notifier.handlers(nothing)),
        GROUP: set(TOPICS),
    }
