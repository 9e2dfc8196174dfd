"""The monitor's Kafka edge: reads every record of every topic, whatever it is, and commits how far it has come.

It is no member of its group but reads all partitions, so that each process shows everything; what is read twice is kept once.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.monitor.partitions import PARTITION_FETCH_BYTES_MAX, all_partitions
from shared.cancelling import is_meant_for_us
from shared.errors import DependencyDownError
from shared.kafka import KafkaAddress
from shared.reading import PatientConsumer

GROUP = "monitor"
POLL_SECONDS = 0.2
BATCH_RECORDS_MAX = 500
FETCH_BYTES_MAX = 8 * 1024 * 1024
COMMIT_SECONDS = 0.5
# How soon new topics and partitions are found, and a client that has stopped reading for no reason is replaced.
LOOK_SECONDS = 15.0
IO_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 10.0
BACKOFF_SECONDS_MIN = 0.2
BACKOFF_SECONDS_MAX = 5.0
# Much longer than any of the waits above: whoever is silent for so long hangs.
STALL_SECONDS = 120.0

See = Callable[[Sequence[Any]], Awaitable[None]]

log = structlog.get_logger(__name__)


class _StartOverError(Exception):
    """There are other partitions to read, or the client reads no more: make a new one."""


class Follower:
    """Hands all records to `see`, in batches; a batch that `see` could not take (DependencyDownError) is handed over again."""

    def __init__(self, *, address: KafkaAddress, see: See) -> None:
        self._address = address
        self._see = see
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self.holding: str | None = "kafka"
        self._last_sign = time.monotonic()

    async def run(self) -> None:
        """Follow until stopped; nothing else ends it."""
        backoff = BACKOFF_SECONDS_MIN
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                if await self._followed_without_fault():
                    continue
                lasted = time.monotonic() - began > LOOK_SECONDS
                backoff = BACKOFF_SECONDS_MIN if lasted else min(backoff * 2, BACKOFF_SECONDS_MAX)
                await self._pause(backoff)
        finally:
            self._ended.set()

    async def _followed_without_fault(self) -> bool:
        try:
            await self._follow()
        except _StartOverError:
            return True
        except (KafkaError, OSError) as error:  # time-outs too
            log.warning("follow-again", error=type(error).__name__)
        except asyncio.CancelledError:
            if is_meant_for_us():
                raise
            log.warning("follow-again", error="stray-cancellation")
        except Exception:
            # Nothing that we know of; still, whoever watches must not go blind for it.
            log.exception("follow-again")
        else:
            return True
        self._hold("kafka")
        return False

    async def stop(self) -> None:
        """Let the batch in hand end, unless something is waited for, and commit it."""
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await self._ended.wait()

    def stalled(self) -> str | None:
        """Why nothing is read any more, although nothing that is needed is down."""
        silent = time.monotonic() - self._last_sign
        return f"no sign of life for {int(silent)} s" if silent > STALL_SECONDS and not self.holding else None

    async def _follow(self) -> None:
        consumer = PatientConsumer(
            **self._address.arguments(),
            client_id=GROUP,
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES_MAX,
            fetch_max_bytes=FETCH_BYTES_MAX,
        )
        self._done.clear()
        try:
            async with asyncio.timeout(IO_SECONDS_MAX):
                await consumer.start()
                partitions = await all_partitions(consumer)
            consumer.assign(partitions)
            await self._read(consumer, partitions)
        finally:
            await _close(consumer)

    async def _read(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        looked_at = time.monotonic()
        positions: dict[TopicPartition, int] = {}
        while not self._stopping.is_set():
            self._last_sign = time.monotonic()
            if not partitions:
                self._hold("topics")
                await self._pause(1.0)
                raise _StartOverError
            batch = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000), max_records=BATCH_RECORDS_MAX)
            await self._take([record for records in batch.values() for record in records])
            self._done |= {partition: records[-1].offset + 1 for partition, records in batch.items() if records}
            await self._commit(consumer)
            if time.monotonic() - looked_at > LOOK_SECONDS:
                looked_at = time.monotonic()
                positions = await self._look_around(consumer, partitions, positions)
        self._committed_at = 0.0
        await self._commit(consumer)

    async def _take(self, records: Sequence[Any]) -> None:
        backoff = BACKOFF_SECONDS_MIN
        while records:
            try:
                await self._see(records)
            except DependencyDownError as error:
                self._hold(str(error))
                if self._stopping.is_set():
                    raise _StartOverError from None
                await self._pause(backoff)
                backoff = min(backoff * 2, BACKOFF_SECONDS_MAX)
                self._last_sign = time.monotonic()
            else:
                break
        self._hold(None)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """How far we are, for the next start and for whoever looks at our lag. A failure means only a longer tail read again."""
        if not self._done or time.monotonic() - self._committed_at < COMMIT_SECONDS:
            return
        self._committed_at = time.monotonic()
        try:
            async with asyncio.timeout(IO_SECONDS_MAX):
                await consumer.commit(dict(self._done))
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("commit-failed", group=GROUP, error=type(error).__name__)
        else:
            self._done.clear()

    async def _look_around(
        self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], before: dict[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Start over where there are other partitions now, or where one with more to read has not moved since the last look."""
        async with asyncio.timeout(IO_SECONDS_MAX):
            if await all_partitions(consumer) != list(partitions):
                raise _StartOverError
            ends = await consumer.end_offsets(partitions)
            positions = {partition: await consumer.position(partition) for partition in partitions}
        stuck = [one for one in partitions if positions[one] == before.get(one) and positions[one] < ends[one]]
        if stuck:
            log.warning("reading-stopped", partitions=len(stuck))
            raise _StartOverError
        return positions

    def _hold(self, what: str | None) -> None:
        if what != self.holding:
            log.info("holding" if what else "holding-ended", dependency=what or self.holding, group=GROUP)
        self.holding = what

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def _close(consumer: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(IO_SECONDS_MAX):
            await consumer.stop()
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("left-without-goodbye", group=GROUP, error=type(error).__name__)
