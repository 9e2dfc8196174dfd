"""What the monitor asks of a broker, on real Apache Kafka: follow without being a member, commit, tell lag."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.kafka.cluster import ApacheKafka
from services.monitor.consumer import Follower, See
from services.monitor.lag import GroupLag
from services.monitor.lag_reader import LagReader
from shared.errors import DependencyDownError
from shared.kafka import KafkaAddress, create_topics
from tests.embedded import Embedded
from tests.event_story import Story
from tests.kafka_tools import RawRecord, committed, produce
from tests.monitor_process import publish
from tests.polling import until

pytestmark = pytest.mark.timeout(240)


class NothingKept:
    """A database that knows no record, so that each timestamp is read from the broker."""

    async def timestamps(self, _places: Collection[str]) -> dict[str, int]:
        return {}


@asynccontextmanager
async def following(address: KafkaAddress, see: See) -> AsyncIterator[Follower]:
    follower = Follower(address=address, see=see)
    running = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        await follower.stop()
        await running


@asynccontextmanager
async def reading_lag(address: KafkaAddress) -> AsyncIterator[LagReader]:
    reader = LagReader(address=address, kept=NothingKept(), clock=lambda: datetime.now(UTC))
    try:
        yield reader
    finally:
        await reader.stop()


async def lag_of(reader: LagReader, group: str) -> GroupLag:
    return next(row for row in await reader.lag() if row.group == group)


async def test_everything_is_followed_and_lag_is_told(own_apache_kafka: ApacheKafka) -> None:
    """From topics that do not exist yet, over an outage of the broker, to a second start that reads nothing twice."""
    kafka = own_apache_kafka
    brokers = kafka.bootstrap_servers
    address = KafkaAddress(bootstrap_servers=brokers)
    seen: list[Any] = []

    async def see(records: Sequence[Any]) -> None:
        seen.extend(records)

    async with reading_lag(address) as reader:

        async def all_committed() -> bool:
            try:
                return (await lag_of(reader, "monitor")).records == 0
            except DependencyDownError:  # a broker that has just started
                return False

        async with following(address, see) as follower:
            await until(lambda: follower.holding == "topics", what="no topics yet")
            await create_topics(address)
            story = Story()
            told = list(story.booked(application_id=story.id(), reference=story.reference()))
            await publish(brokers, told)
            await until(lambda: len(seen) == len(told), what="all read")
            assert follower.holding is None
            await until(all_committed, what="committed")
            scheduler = await lag_of(reader, "scheduler")
            first = min(one.timestamp for one in seen if one.topic == "forloeb.applications")
            age = datetime.now(UTC).timestamp() - first / 1000
            assert scheduler.records == 2
            assert scheduler.oldest_seconds == pytest.approx(age, abs=1)

            await asyncio.to_thread(kafka.kill)
            with pytest.raises(DependencyDownError):
                await reader.lag()
            await asyncio.to_thread(kafka.start)
            await produce(brokers, [RawRecord(value=b"after the outage")])
            await until(lambda: seen[-1].value == b"after the outage", what="read after the outage", seconds=90)
            await until(all_committed, what="committed after the outage", seconds=90)
        assert sum((await committed(brokers, "monitor")).values()) == len(told) + 1

    seen.clear()
    async with following(address, see):
        await produce(brokers, [RawRecord(value=b"after the restart")])
        await until(lambda: seen, what="read after a restart", seconds=90)
        assert [record.value for record in seen] == [b"after the restart"]


async def test_what_cannot_be_taken_now_is_handed_over_again(own_stack: Embedded) -> None:
    """While the database is away nothing is committed, and nothing is left out; an unknown error is no end either."""
    address = KafkaAddress(bootstrap_servers=own_stack.kafka)
    await create_topics(address)
    seen: list[bytes] = []
    troubles = iter([DependencyDownError("database"), DependencyDownError("database"), ZeroDivisionError()])

    async def see(records: Sequence[Any]) -> None:
        if trouble := next(troubles, None):
            raise trouble
        seen.extend(record.value for record in records)

    async with following(address, see):
        await produce(own_stack.kafka, [RawRecord(value=b"one"), RawRecord(value=b"two")])
        await until(lambda: len(seen) == 2, what="handed over again", seconds=90)
    assert seen == [b"one", b"two"]
