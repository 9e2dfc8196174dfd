"""Asks Kafka how far each consumer group has come, and when the oldest record that it has not finished was written."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.monitor.lag import READERS, Backlog, Ends, GroupLag, Partition, backlogs, group_lag
from services.monitor.partitions import PARTITION_FETCH_BYTES_MAX, all_partitions
from shared.cancelling import is_meant_for_us
from shared.errors import DependencyDownError
from shared.kafka import KafkaAddress

ROUND_SECONDS_MAX = 15.0
READ_SECONDS_MAX = 3.0
REQUEST_TIMEOUT_MS = 5_000
# Records that are not (or no longer) in our database are read from Kafka itself, so many a round.
READS_MAX = 30


class Timestamps(Protocol):
    async def timestamps(self, places: Collection[str], /) -> dict[str, int]:
        """When these records were written, as far as it is known; milliseconds since 1970."""


@dataclass(frozen=True)
class _Clients:
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer


class LagReader:
    """Keeps two connections open between rounds; after a failure it makes new ones."""

    def __init__(self, *, address: KafkaAddress, kept: Timestamps, clock: Callable[[], datetime]) -> None:
        self._address = address
        self._kept = kept
        self._clock = clock
        self._clients: _Clients | None = None
        # Of records that had to be read: a group that stands still asks for the same ones every time.
        self._read: dict[str, int] = {}

    async def lag(self) -> list[GroupLag]:
        """Every group that is known of, in the order of the flow.

        Raises:
            DependencyDownError: the brokers, or our database, do not answer.

        """
        try:
            async with asyncio.timeout(ROUND_SECONDS_MAX):
                return await self._round()
        except DependencyDownError:
            raise
        except (KafkaError, OSError, TimeoutError, AttributeError) as error:
            # AttributeError: the client's own way (0.14) to fail on an error code in the answer to an offset question.
            await self.stop()
            raise DependencyDownError("kafka") from error
        except asyncio.CancelledError:
            if is_meant_for_us():
                raise
            await self.stop()
            raise DependencyDownError("kafka") from None

    async def stop(self) -> None:
        """Close the connections; the next round makes new ones."""
        clients, self._clients = self._clients, None
        for close in (clients.consumer.stop, clients.admin.close) if clients else ():
            try:
                async with asyncio.timeout(READ_SECONDS_MAX):
                    await close()
            except (KafkaError, OSError, TimeoutError):
                continue
            except asyncio.CancelledError:
                if is_meant_for_us():
                    raise

    async def _round(self) -> list[GroupLag]:
        clients = self._clients or await self._connected()
        partitions = await all_partitions(clients.consumer)
        ends = await _ends(clients.consumer, partitions)
        rows: dict[str, list[Backlog]] = {}
        for group, topics in READERS.items():
            committed = await _committed(clients.admin, group)
            rows[group] = backlogs(group=group, topics=topics, committed=committed, ends=ends)
        waiting = [row for mine in rows.values() for row in mine if row.records > 0]
        timestamps = await self._timestamps(clients.consumer, waiting)
        now = self._clock()
        return [group_lag(group, mine, timestamps, now=now) for group, mine in rows.items()]

    async def _connected(self) -> _Clients:
        admin = AIOKafkaAdminClient(**self._address.arguments(), request_timeout_ms=REQUEST_TIMEOUT_MS)
        consumer = AIOKafkaConsumer(
            **self._address.arguments(),
            enable_auto_commit=False,
            auto_offset_reset="none",
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES_MAX,
        )
        self._clients = _Clients(admin, consumer)
        await admin.start()
        await consumer.start()
        return self._clients

    async def _timestamps(self, consumer: AIOKafkaConsumer, waiting: Sequence[Backlog]) -> Mapping[str, int]:
        wanted = {row.oldest: row for row in waiting}
        found = await self._kept.timestamps(wanted) if wanted else {}
        self._read = {oldest: written for oldest, written in self._read.items() if oldest in wanted}
        strangers = [row for oldest, row in wanted.items() if oldest not in found and oldest not in self._read]
        for row in strangers[:READS_MAX]:
            written = await _written_at(consumer, row)
            if written is not None:
                self._read[row.oldest] = written
        return found | self._read


async def _ends(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[Partition, Ends]:
    if not partitions:
        return {}
    first = await consumer.beginning_offsets(partitions)
    following = await consumer.end_offsets(partitions)
    return {
        (one.topic, one.partition): Ends(first=first[one], next=following[one])
        for one in partitions
        if one in first and one in following
    }


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[Partition, int]:
    answer: dict[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
    return {(one.topic, one.partition): row.offset for one, row in answer.items() if row.offset >= 0}


async def _written_at(consumer: AIOKafkaConsumer, row: Backlog) -> int | None:
    """Read the one record; None where it cannot be had now."""
    partition = TopicPartition(row.topic, row.partition)
    consumer.assign([partition])
    consumer.seek(partition, row.start)
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            record = await consumer.getone(partition)
    except (KafkaError, TimeoutError):
        return None
    finally:
        consumer.unsubscribe()
    return int(record.timestamp)
