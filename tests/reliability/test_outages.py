"""Servers that are away: nothing becomes a dead letter, and everything arrives when they are back."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.kafka.cluster import ApacheKafka
from deploy.local import processes
from shared import subscribing
from shared.consuming import Consumer
from shared.envelope import Envelope, to_headers
from shared.errors import DependencyDownError
from shared.events import COURSES, CourseBooked, Event
from shared.kafka import KafkaAddress, Publisher, create_topics
from tests.embedded import Embedded
from tests.event_samples import envelope_of
from tests.kafka_tools import BODY, dead_letters, lag, produce
from tests.polling import until
from tests.reliability.small_runs import Run, begin

pytestmark = [pytest.mark.anyio, pytest.mark.needs("kafka"), pytest.mark.timeout(300)]
SHORT_OUTAGE_SECONDS = 15
LONG_OUTAGE_SECONDS = 24


async def test_a_consumer_that_starts_before_its_broker_catches_up(
    own_apache_kafka: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the broker nor the topics have to be there first; meanwhile it is not ready, and can be stopped."""
    monkeypatch.setattr(subscribing, "METADATA_AGE_MS_MAX", 1_000)
    await asyncio.to_thread(own_apache_kafka.stop)
    address = KafkaAddress(bootstrap_servers=own_apache_kafka.bootstrap_servers)
    publisher = Publisher(address, client_id="early")
    handled: list[str] = []

    async def handle(_event: Event, envelope: Envelope) -> str:
        handled.append(envelope.subject)
        return "handled"

    def consumer() -> Consumer:
        return Consumer(
            address=address,
            group="early",
            handlers={CourseBooked: handle},
            dead_letters=publisher,
            clock=lambda: datetime.now(UTC),
        )

    stopped = consumer()
    task = asyncio.create_task(stopped.run())
    await until(lambda: stopped.holding == "kafka", what="it waits for the broker")
    async with asyncio.timeout(5):
        await stopped.stop()
        await task

    started = consumer()
    task = asyncio.create_task(started.run())
    sending = asyncio.create_task(_send(publisher, "first"))
    await until(lambda: started.holding == "kafka", what="it waits for the broker")
    await asyncio.to_thread(own_apache_kafka.start)
    await create_topics(address)
    await until(lambda: handled == ["first"], what="the first event is handled", seconds=60)
    await sending
    assert started.holding is None
    await started.stop()
    await task
    await publisher.stop()


async def _send(publisher: Publisher, subject: str, *, sequence: int = 1) -> None:
    headers = to_headers(envelope_of(CourseBooked, subject=subject, sequence=sequence))
    while True:
        try:
            await publisher.send(topic=COURSES, key=subject.encode(), value=BODY, headers=headers)
        except DependencyDownError:
            # As the relay does: it stays in the outbox.
            await asyncio.sleep(0.2)
        else:
            return


async def test_a_broker_that_is_killed_delays_and_loses_nothing(own_apache_kafka: ApacheKafka) -> None:
    """Publisher and consumer outlive it, with sends on their way and records in hand; no event changes its order."""
    address = KafkaAddress(bootstrap_servers=own_apache_kafka.bootstrap_servers)
    await create_topics(address)
    publisher = Publisher(address, client_id="steady")
    handled: dict[str, list[int]] = {}

    async def handle(_event: Event, envelope: Envelope) -> str:
        handled.setdefault(envelope.subject, []).append(envelope.sequence)
        return "handled"

    consumer = Consumer(
        address=address,
        group="steady",
        handlers={CourseBooked: handle},
        dead_letters=publisher,
        clock=lambda: datetime.now(UTC),
    )
    running = asyncio.create_task(consumer.run())
    over = asyncio.Event()
    sent: dict[str, int] = {}

    async def write(subject: str) -> None:
        while not over.is_set():
            await _send(publisher, subject, sequence=sent.get(subject, 0) + 1)
            sent[subject] = sent.get(subject, 0) + 1
            await asyncio.sleep(0.01)

    writers = [asyncio.create_task(write(f"steady-{number}")) for number in range(8)]
    await until(lambda: len(handled) == 8, what="all streams flow", seconds=60)
    await asyncio.to_thread(own_apache_kafka.kill)
    await asyncio.sleep(SHORT_OUTAGE_SECONDS)
    assert consumer.stalled() is None
    assert not running.done()
    await asyncio.to_thread(own_apache_kafka.start)
    before = dict(sent)
    await until(
        lambda: all(sent[subject] > before[subject] + 5 for subject in before),
        what="all streams flow again",
        seconds=90,
    )
    over.set()
    await asyncio.gather(*writers)
    brokers = own_apache_kafka.bootstrap_servers

    async def caught_up() -> bool:
        return await lag(brokers, "steady", [COURSES]) == 0

    await until(caught_up, what="all is committed", seconds=60, look_seconds=0.5)
    await consumer.stop()
    await running
    await publisher.stop()
    for subject, last in sent.items():
        assert list(dict.fromkeys(handled[subject])) == list(range(1, last + 1))
    assert await dead_letters(brokers, "steady") == {}


@pytest.mark.timeout(LONG_OUTAGE_SECONDS + 300)
async def test_broker_and_database_away_at_once_lose_nothing(
    own_apache_kafka: ApacheKafka, own_stack: Embedded, tmp_path: Path, runs: list[Run]
) -> None:
    """First each is away by itself, then both; the service stays alive all the time and needs no restart."""
    run = await begin(runs, own_apache_kafka.bootstrap_servers, own_stack.mongodb, tmp_path)
    running = run.start()
    await produce(run.kafka, run.applications(0, 100))
    await until(lambda: run.is_done(100), what="the service works", seconds=60, look_seconds=0.5)

    database = own_stack.program("mongodb")
    processes.kill(database)
    await produce(run.kafka, run.applications(100, 100))
    await asyncio.sleep(LONG_OUTAGE_SECONDS / 4)
    await asyncio.to_thread(own_apache_kafka.kill)
    await asyncio.sleep(LONG_OUTAGE_SECONDS / 2)
    await asyncio.to_thread(own_stack.bring_up)
    await asyncio.sleep(LONG_OUTAGE_SECONDS / 4)
    assert running.alive, running.log_tail()
    await asyncio.to_thread(own_apache_kafka.start)

    await produce(run.kafka, run.applications(200, 100))
    await until(lambda: run.is_done(300), what="everything has arrived", seconds=120, look_seconds=0.5)
    assert running.alive, "the same process, without a restart"
    assert await dead_letters(run.kafka, run.name) == {}
    assert all(len(set(ids)) == 1 for ids in (await run.published()).values())
