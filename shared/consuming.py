"""One member of a consumer group: reads, has each record seen through, and commits what is done, and only that.

FastStream commits nothing here; a background task commits the contiguous prefix of each partition with explicit offsets.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from shared.dead_letters import Sender
from shared.events import Event
from shared.guard import HOLD_SECONDS_MAX, Guard, Handler
from shared.kafka import KafkaAddress
from shared.metrics import HANDLE_SECONDS
from shared.offsets import Offsets, Partition
from shared.subscribing import subscribe

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
        self._started = False
        self._revoked: set[Partition] = set()
        self._broker, self._subscriber = subscribe(
            address,
            topics=self.topics,
            group=group,
            on_record=self._on_record,
            listener=_Listener(self),
            drain_seconds=LEAVE_SECONDS / 2,
        )

    @property
    def holding(self) -> str | None:
        """What this consumer waits for; None while it works or has nothing to do."""
        return self._guard.holding

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
            try:
                await self._broker.start()
            except (KafkaError, OSError):
                self._guard.hold("kafka")
                await self._leave()
            except BaseException:
                await self._leave()
                raise
            else:
                self._started = True
                self._guard.hold(None)
                self._guard.last_sign = time.monotonic()
                return
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, HOLD_SECONDS_MAX)

    async def stop(self) -> None:
        """Finish the record in hand, commit what is done, leave the group. Records not finished are read again."""
        self._stopping = True
        self._guard.disturb.set()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
                await self._commit()
        except TimeoutError:
            log.warning("stop-without-drain", group=self.group)
        if self._started:
            await self._leave()

    async def _leave(self) -> None:
        # Leaving can hang while the brokers are away; without it they find out when the session expires.
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._broker.stop()
        except (TimeoutError, KafkaError, OSError, ExceptionGroup) as error:
            log.warning("left-without-goodbye", group=self.group, error=type(error).__name__)

    def stalled(self) -> str | None:
        """Why this consumer can make no progress any more although nothing that it needs is down; None while all is well."""
        if not self._started or self.holding or self._stopping:
            return None
        if not self._subscriber.tasks or all(task.done() for task in self._subscriber.tasks):
            return "consume loop ended"
        if _coordination_ended(self._subscriber.consumer):
            return "group coordination ended"
        silent = time.monotonic() - self._guard.last_sign
        if silent > STALL_SECONDS and (not self._idle.is_set() or self._lag() > 0):
            return f"no progress for {int(silent)} s"
        return None

    def _lag(self) -> int:
        """Records known to be there and not read yet."""
        consumer = self._subscriber.consumer
        lag = 0
        for partition in consumer.assignment() if consumer else ():
            position, end = _read_position(consumer, partition), consumer.highwater(partition)
            if position is not None and end is not None:
                lag += max(0, end - position)
        return lag

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
            try:
                async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                    await consumer.commit({TopicPartition(*key): offset for key, offset in ready.items()})
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("commit-failed", group=self.group, error=type(error).__name__)
                return
            self._offsets.committed(ready)

    async def on_revoked(self, partitions: set[TopicPartition]) -> None:
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

    def on_assigned(self, partitions: set[TopicPartition]) -> None:
        """Take records of these partitions from now on."""
        self._revoked -= {(partition.topic, partition.partition) for partition in partitions}
        self._guard.last_sign = time.monotonic()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, owner: Consumer) -> None:
        self._owner = owner

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._owner.on_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._owner.on_assigned(assigned)


def _coordination_ended(consumer: Any) -> bool:
    """Whether the client's task that keeps the group membership has died: it says so only to whoever reads records then."""
    coordinator = getattr(consumer, "_coordinator", None)
    task: asyncio.Task[None] | None = getattr(coordinator, "_coordination_task", None)
    return task is not None and task.done()


def _read_position(consumer: Any, partition: TopicPartition) -> int | None:
    """Where reading stands, without asking the broker (the client's own `position` may wait for it)."""
    assignment = consumer._subscription.subscription.assignment  # noqa: SLF001 - no public way without I/O
    state = assignment.state_value(partition) if assignment else None
    return state.position if state is not None and state.has_valid_position else None
