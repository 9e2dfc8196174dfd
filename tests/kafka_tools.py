"""Looking at a broker from outside: whole topics, dead letters, committed offsets; and writing records that no service would."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.envelope import to_headers
from shared.events import DEAD_LETTERS, CourseBooked
from shared.kafka import PARTITIONS
from tests.event_samples import SAMPLES, envelope_of

RawHeaders = Sequence[tuple[str, bytes | None]]
BODY = SAMPLES[CourseBooked].model_dump_json().encode()


@dataclass(frozen=True)
class RawRecord:
    """Anything that Kafka takes."""

    topic: str = "forloeb.courses"
    key: bytes | None = b"k"
    value: bytes | None = BODY
    headers: RawHeaders = field(default_factory=tuple)


def course_record(subject: str, *, sequence: int = 1, key: str = "", **changes: Any) -> RawRecord:
    """A good CourseBooked for one application."""
    headers = tuple(to_headers(envelope_of(CourseBooked, subject=subject, sequence=sequence)))
    return RawRecord(**({"key": (key or subject).encode(), "headers": headers} | changes))


@asynccontextmanager
async def producing(address: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", max_request_size=8_000_000)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def produce(address: str, records: Sequence[RawRecord]) -> list[tuple[str, int, int]]:
    """Write all, in order; topic, partition and offset of each."""
    async with producing(address) as producer:
        sent = [
            await producer.send(each.topic, key=each.key, value=each.value, headers=list(each.headers))
            for each in records
        ]
        answers = [await future for future in sent]
    return [(answer.topic, answer.partition, answer.offset) for answer in answers]


async def all_records(address: str, topic: str) -> list[Any]:
    """The whole topic, as aiokafka reads it."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, auto_offset_reset="earliest", max_partition_fetch_bytes=8_000_000
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for rows in (await consumer.getmany(partition, timeout_ms=500)).values():
                    found += rows
        return found
    finally:
        await consumer.stop()


async def dead_letters(address: str, group: str) -> dict[tuple[str, int, int], str]:
    """The reason of each dead letter of this group, by where the record came from."""
    found = {}
    for record in await all_records(address, DEAD_LETTERS):
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        if headers["x-dlq-group"] == group:
            place = (headers["x-dlq-topic"], int(headers["x-dlq-partition"]), int(headers["x-dlq-offset"]))
            assert place not in found, f"{place} was dead-lettered twice"
            found[place] = headers["x-dlq-reason"]
    return found


async def committed(address: str, group: str) -> dict[TopicPartition, int]:
    """What the group has committed, by partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
        return {partition: row.offset for partition, row in offsets.items() if row.offset >= 0}
    finally:
        await admin.close()


async def lag(address: str, group: str, topics: Sequence[str]) -> int:
    """Records that the group has not committed, over all partitions of these topics."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    done = await committed(address, group)
    return sum(end - done.get(partition, 0) for partition, end in ends.items())
