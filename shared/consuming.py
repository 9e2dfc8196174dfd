"""One member of a consumer group: reads, has each record seen through, and commits what is done, and only that.

FastStream commits nothing here; a background task commits the contiguous prefix of each partition with explicit offsets.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.dead_letters import Sender
from shared.events import Event
from shared.guard import HOLD_SECONDS_MAX, Guard, Handler
from shared.kafka import KafkaAddress
from shared.metrics import HANDLE_SECONDS
from shared.offsets import Offsets, Partition
from shared.reading import PatientConsumer
from shared.subscribing import start, subscribe

__all__ = ["Consumer", "Handler"]

COMMIT_SECONDS = 0.2
COMMIT_RECORDS = 100
COMMIT_TIMEOUT_SECONDS = 10.0
DRAIN_SECONDS = 20.0
LEAVE_SECONDS = 10.0
# Longer than one try of a handler may take, since each try is a sign of life.
STALL_SECONDS = 120.0

log = structlog.get_logger(__name__)


class Consumer:
    """One consumer group member of one service, over one or more topics."""

    def __init__(
        self,
        *,
        address: KafkaAddress,
        group: str,
        handlers: Mapping[type[Event], Handler],
        dead_letters: Sender,
        clock: Callable[[], datetime],
    ) -> None:
        self.group = group
        self.topics: Sequence[str] = sorted({event.topic for event in handlers})
        self._guard = Guard(group=group, handlers=handlers, dead_letters=dead_letters, clock=clock)
        self._offsets = Offsets()
        self._committing = asyncio.Lock()
        self._last_commit = 0.0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._stop_asked = asyncio.Event()
        self._started = False
        self._starting: asyncio.Task[None] | None = None
        self._revoked: set[Partition] = set()
        self._broker, self._subscriber = subscribe(
            address,
            topics=self.topics,
            group=group,
            on_record=self._on_record,
            on_revoked=self._on_revoked,
            on_assigned=self._on_assigned,
            drain_seconds=LEAVE_SECONDS / 2,
        )

    def consult(self, unwell: Callable[[], Awaitable[str | None]]) -> None:
        """Ask `unwell` (see `Health.unwell`) before a handler that took too long counts as the record's fault."""
        self._guard.unwell = unwell

    @property
    def holding(self) -> str | None:
        """What this consumer waits for; None while it works or has nothing to do."""
        return self._guard.holding or (None if self._started else "kafka")

    # -- life ----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Consume until stopped: waits for the brokers, however long they are away, and commits in the background."""
        await self._start()
        while not self._stopping:
            await asyncio.sleep(COMMIT_SECONDS / 4)
            due = time.monotonic() - self._last_commit >= COMMIT_SECONDS
            if due or self._offsets.finished_since_commit >= COMMIT_RECORDS:
                await self._commit()

    async def _start(self) -> None:
        backoff = 0.5
        while not self._stopping:
            # Ends when the group has taken us in, and so may take as long as the brokers are away; `stop` cancels it.
            starting = self._starting = asyncio.create_task(start(self._broker))
            try:
                await asyncio.wait({starting})
                if self._stopping:
                    return
                starting.result()
            except (KafkaError, OSError):
                self._guard.hold("kafka")
                await self._leave()
            except BaseException:
                starting.cancel()
                await self._leave()
                raise
            else:
                self._started = True
                self._guard.hold(None)
                self._guard.last_sign = time.monotonic()
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop_asked.wait(), backoff)
            backoff = min(backoff * 2, HOLD_SECONDS_MAX)

    async def stop(self) -> None:
        """Finish the record in hand, commit what is done, leave the group. Records not finished are read again."""
        self._stopping = True
        self._stop_asked.set()
        self._guard.disturb.set()
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            await asyncio.wait({self._starting}, timeout=LEAVE_SECONDS)
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
                await self._commit()
        except TimeoutError:
            log.warning("stop-without-drain", group=self.group)
        await self._leave()

    async def _leave(self) -> None:
        consumer: PatientConsumer | None = self._subscriber.consumer
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._broker.stop()
        except (TimeoutError, KafkaError, OSError, ExceptionGroup) as error:
            # Leaving hangs while the brokers are away, or a rebalance is on; they find out when the session is over.
            log.warning("left-without-goodbye", group=self.group, error=type(error).__name__)
            if consumer is not None:
                await consumer.abandon()

    def stalled(self) -> str | None:
        """Why this consumer can make no progress any more although nothing that it needs is down; None while all is well."""
        if not self._started or self.holding or self._stopping:
            return None
        if not self._subscriber.tasks or all(task.done() for task in self._subscriber.tasks):
            return "consume loop ended"
        consumer: PatientConsumer | None = self._subscriber.consumer
        if consumer is not None and consumer.coordination_ended():
            return "group coordination ended"
        silent = time.monotonic() - self._guard.last_sign
        if silent > STALL_SECONDS and (not self._idle.is_set() or (consumer is not None and consumer.lag() > 0)):
            return f"no progress for {int(silent)} s"
        return None

    # -- records and offsets -------------------------------------------------------------------------------------------

    async def _on_record(self, record: Any) -> None:
        partition: Partition = (record.topic, record.partition)

        def abandoned() -> bool:
            return self._stopping or partition in self._revoked

        if abandoned():
            return
        self._offsets.begin(partition, record.offset)
        self._idle.clear()
        try:
            with HANDLE_SECONDS.labels(topic=record.topic).time():
                finished = await self._guard.see_through(record, abandoned=abandoned)
            if finished:
                self._offsets.finish(partition, record.offset)
        finally:
            self._idle.set()
        # A backlog of records that need no I/O would otherwise run on without a break, and heartbeats would come too late.
        await asyncio.sleep(0)

    async def _commit(self) -> None:
        """Commit the contiguous prefix of each partition that we still own; a failure only means a longer redelivered tail."""
        async with self._committing:
            consumer = self._subscriber.consumer
            self._last_commit = time.monotonic()
            if consumer is None:
                return
            owned = consumer.assignment()
            ready = {
                key: offset for key, offset in self._offsets.committable().items() if TopicPartition(*key) in owned
            }
            if not ready:
                return
            # Counted anew at each try: one that fails is not to be repeated at once.
            self._offsets.finished_since_commit = 0
            try:
                async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                    await consumer.commit({TopicPartition(*key): offset for key, offset in ready.items()})
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("commit-failed", group=self.group, error=type(error).__name__)
                return
            self._offsets.committed(ready)

    async def _on_revoked(self, partitions: set[TopicPartition]) -> None:
        """Let the try in hand end, commit, and forget the partitions. What waits for something is abandoned, not drained."""
        keys = {(partition.topic, partition.partition) for partition in partitions}
        self._revoked |= keys
        self._guard.disturb.set()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("revoked-without-drain", group=self.group)
        await self._commit()
        for key in keys:
            self._offsets.forget(key)
        if not self._stopping:
            self._guard.disturb.clear()

    def _on_assigned(self, partitions: set[TopicPartition]) -> None:
        """Take records of these partitions from now on."""
        self._revoked -= {(partition.topic, partition.partition) for partition in partitions}
        self._guard.last_sign = time.monotonic()
