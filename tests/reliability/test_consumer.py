"""The consumer against real brokers: what arrives, in which order, what becomes a dead letter, and what is committed."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.consuming import Consumer
from shared.envelope import RECORD_BYTES_MAX, Envelope, to_headers
from shared.errors import DependencyDownError, RecordFaultError
from shared.events import CONSULTANTS, COURSES, ConsultantChanged, CourseBooked, Event
from shared.kafka import KafkaAddress, Publisher, create_topics
from tests.event_samples import envelope_of
from tests.kafka_tools import BODY, RawRecord, committed, course_record, dead_letters, lag, produce, producing
from tests.polling import until

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]
BROKERS = [
    pytest.param("stack", id="noida"),
    pytest.param("apache_kafka", id="apache", marks=pytest.mark.needs("kafka")),
]
Effect = Callable[[Envelope], Awaitable[None]]


def new(prefix: str) -> str:
    return f"{prefix}-{os.urandom(4).hex()}"


class Service:
    """A consumer with its publisher, as a service has them, and what it has handled."""

    def __init__(self, address: str, group: str, *, effect: Effect | None = None, only: str = "") -> None:
        kafka = KafkaAddress(bootstrap_servers=address)
        self.handled: list[tuple[str, int]] = []
        self.only = only
        self.publisher = Publisher(kafka, client_id=group)
        self.effect = effect
        self.consumer = Consumer(
            address=kafka,
            group=group,
            handlers={CourseBooked: self.on_booked, ConsultantChanged: self.on_booked},
            dead_letters=self.publisher,
            clock=lambda: datetime.now(UTC),
        )

    async def on_booked(self, _event: Event, envelope: Envelope) -> str:
        if not envelope.subject.startswith(self.only):
            # Other tests write into the same topics.
            return "ignored"
        if self.effect:
            await self.effect(envelope)
        self.handled.append((envelope.subject, envelope.sequence))
        return "handled"

    def subjects(self) -> set[str]:
        return {subject for subject, _ in self.handled}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        task = asyncio.create_task(self.consumer.run())
        try:
            yield self
        finally:
            async with asyncio.timeout(45):
                await self.consumer.stop()
                await task
                await self.publisher.stop()


@pytest.fixture(params=BROKERS)
def brokers(request: pytest.FixtureRequest) -> str:
    # Not async: the servers are started with event loops of their own.
    servers = request.getfixturevalue(request.param)
    found: str = getattr(servers, "bootstrap_servers", None) or servers.kafka
    return found


@pytest.fixture
async def address(brokers: str) -> str:
    await create_topics(KafkaAddress(bootstrap_servers=brokers))
    return brokers


async def caught_up(address: str, group: str) -> bool:
    return await lag(address, group, [COURSES, CONSULTANTS]) == 0


async def test_everything_arrives_in_order_and_is_committed(address: str) -> None:
    """Per key in the order of publication; a second start finds nothing left to do."""
    group, run = new("g"), new("run")
    service = Service(address, group, only=run)
    async with service.running():
        await asyncio.gather(*(_publish_stream(service.publisher, f"{run}-{number}", 25) for number in range(12)))
        await until(lambda: caught_up(address, group), what="all is committed", look_seconds=0.3)
    assert len(service.handled) == 12 * 25
    for number in range(12):
        mine = [sequence for subject, sequence in service.handled if subject == f"{run}-{number}"]
        assert mine == list(range(1, 26))
    again = Service(address, group, only=run)
    async with again.running():
        await produce(address, [course_record(f"{run}-last")])
        await until(lambda: again.handled, what="the next record is handled")
    assert again.handled == [(f"{run}-last", 1)]


async def _publish_stream(publisher: Publisher, subject: str, events: int) -> None:
    for sequence in range(1, events + 1):
        headers = to_headers(envelope_of(CourseBooked, subject=subject, sequence=sequence))
        await publisher.send(topic=COURSES, key=subject.encode(), value=BODY, headers=headers)


async def test_poison_becomes_dead_letters_and_the_rest_flows_on(address: str) -> None:
    """Whatever is wrong, the good records around it are handled, each bad one has its reason, and the lag is nothing."""
    group, run = new("g"), new("run")
    failures = {
        "always": ValueError("canary"),
        "stray": asyncio.CancelledError(),
        "refused": RecordFaultError("reference-unknown"),
    }

    async def effect(envelope: Envelope) -> None:
        if (kind := envelope.subject.rpartition("-")[2]) in failures:
            raise failures[kind]

    good = course_record(f"{run}-x").headers
    poison = {
        "body-invalid": RawRecord(value=b"\xff\x00 junk", headers=good),
        "header-ce_specversion": RawRecord(headers=[("ce_id", None), ("x", b"\xff")]),
        "header-ce_id": RawRecord(headers=[*good, ("ce_id", None)]),
        "header-ce_subject": RawRecord(headers=[*good, ("ce_subject", b"\xff\xfe")]),
        "header-ce_time": RawRecord(headers=[row for row in good if row[0] != "ce_time"]),
        "body-oversized": RawRecord(value=b"x" * (1_048_576 - 600), headers=good),
        "body-missing": RawRecord(value=None, headers=good),
        "error-ValueError": course_record(f"{run}-always"),
        "stray-cancellation": course_record(f"{run}-stray"),
        "reference-unknown": course_record(f"{run}-refused"),
        "wrong-topic": RawRecord(topic=CONSULTANTS, headers=good),
    }
    records = []
    for number, each in enumerate(poison.values()):
        # All of one key, so that all stand in one partition, one behind the other.
        records += [
            course_record(f"{run}-good-{number}", key=run),
            RawRecord(each.topic, run.encode(), each.value, each.headers),
        ]
    records.append(course_record(f"{run}-good-last", key=run))
    service = Service(address, group, effect=effect, only=run)
    async with service.running():
        places = await produce(address, records)
        await until(lambda: caught_up(address, group), what="all is committed", seconds=90, look_seconds=0.3)
    assert service.subjects() == {f"{run}-good-{number}" for number in range(len(poison))} | {f"{run}-good-last"}
    reasons = await dead_letters(address, group)
    assert {place: reason for place, reason in reasons.items() if place in places} == dict(
        zip(places[1::2], poison, strict=False)
    )
    assert RECORD_BYTES_MAX < 1_048_576 - 600, "the oversized record is one that the broker takes"


async def test_while_a_dependency_is_down_everything_waits_and_nothing_is_dead_lettered(address: str) -> None:
    """The consumer is not ready but alive; when the dependency is back, all is handled."""
    group, run = new("g"), new("run")
    down = True

    async def effect(_envelope: Envelope) -> None:
        if down:
            raise DependencyDownError("database")

    service = Service(address, group, effect=effect, only=run)
    async with service.running():
        places = await produce(address, [course_record(f"{run}-{number}") for number in range(50)])
        await until(lambda: service.consumer.holding == "database", what="the consumer holds")
        assert service.consumer.stalled() is None
        assert service.handled == []
        down = False
        await until(lambda: caught_up(address, group), what="all is committed", look_seconds=0.3)
        assert service.consumer.holding is None
    assert service.subjects() == {f"{run}-{number}" for number in range(50)}
    assert not [place for place in await dead_letters(address, group) if place in places]


async def test_a_stop_does_not_wait_for_a_dependency(address: str) -> None:
    """What is held is abandoned, uncommitted, and handled after the next start."""
    group, run = new("g"), new("run")

    async def away(_envelope: Envelope) -> None:
        raise DependencyDownError("database")

    held = Service(address, group, effect=away, only=run)
    async with held.running():
        await produce(address, [course_record(f"{run}-{number}", key=run) for number in range(3)])
        await until(lambda: held.consumer.holding, what="the consumer holds")
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 5
    service = Service(address, group, only=run)
    async with service.running():
        await until(lambda: len(service.handled) == 3, what="all is handled after the next start")


@pytest.mark.parametrize("brokers", BROKERS[1:], indirect=True)
async def test_a_rebalance_loses_nothing_and_commits_nothing_unhandled(address: str) -> None:
    """Members come and go under load: each record is handled, and at no time does a committed offset pass an unhandled one."""
    group, run = new("g"), new("run")
    done: set[str] = set()
    place_of: dict[tuple[str, int, int], str] = {}
    passed: list[str] = []

    async def effect(envelope: Envelope) -> None:
        await asyncio.sleep(0.002)
        done.add(envelope.subject)

    async def watch() -> None:
        for partition, offset in (await committed(address, group)).items():
            for (topic, number, place), subject in place_of.items():
                if (topic, number) == (partition.topic, partition.partition) and place < offset and subject not in done:
                    passed.append(subject)

    async def write(producer: AIOKafkaProducer) -> None:
        while not enough.is_set():
            subject = f"{run}-{len(place_of)}"
            record = course_record(subject)
            answer = await producer.send_and_wait(
                record.topic, key=record.key, value=record.value, headers=list(record.headers)
            )
            place_of[answer.topic, answer.partition, answer.offset] = subject
            await asyncio.sleep(0.002)

    enough = asyncio.Event()
    services = [Service(address, group, effect=effect, only=run) for _ in range(3)]
    async with producing(address) as producer, services[0].running():
        writing = asyncio.create_task(write(producer))
        async with services[1].running():
            await until(lambda: services[1].handled, what="the second member works")
            await watch()
            async with services[2].running():
                await until(lambda: services[2].handled, what="the third member works")
                await watch()
        await watch()
        enough.set()
        await writing
        await until(lambda: caught_up(address, group), what="all is committed", look_seconds=0.3)
    assert done == set(place_of.values())
    assert passed == []
    doubles = sum(len(service.handled) for service in services) - len(done)
    assert doubles <= 6, f"{doubles} records were handled twice: more than one in hand per rebalance"


async def test_a_record_that_is_held_moves_on_with_its_partition(address: str) -> None:
    """A member whose database is away hands its partitions over quickly, and the new owner handles what was held."""
    group, run = new("g"), new("run")

    async def away(_envelope: Envelope) -> None:
        raise DependencyDownError("database")

    held, healthy = Service(address, group, effect=away, only=run), Service(address, group, only=run)
    async with held.running():
        await produce(address, [course_record(f"{run}-{number}") for number in range(60)])
        await until(lambda: held.consumer.holding, what="the first member holds")
        async with healthy.running():
            await until(lambda: healthy.handled, what="the second member works", seconds=45)
            taken = {
                TopicPartition(COURSES, partition.partition)
                for partition in healthy.consumer._subscriber.consumer.assignment()
            }
            assert 0 < len(taken) < 6
    assert held.handled == []
