"""The guard around every handler: a record is handled or dead-lettered before it counts as done, and nothing else commits it.

What is down is waited for, for as long as it lasts; what is wrong with the record itself goes to the dead letters after a few tries.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as IncomingMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from pydantic import ValidationError

from shared import trace
from shared.dead_letters import Sender, send_dead_letter
from shared.envelope import RECORD_BYTES_MAX, Envelope, from_headers
from shared.errors import DependencyDownError, RecordFaultError
from shared.events import EVENTS, Event
from shared.kafka import KafkaAddress
from shared.metrics import HANDLE_SECONDS, HOLDING, RECORDS_HANDLED
from shared.offsets import Offsets, Partition
from shared.sealing import SealBrokenError

TRIES_MAX = 4
TRY_PAUSES_SECONDS = (0.2, 1.0, 3.0)
HANDLER_SECONDS_MAX = 30.0
HOLD_SECONDS_MAX = 10.0
COMMIT_SECONDS = 0.2
COMMIT_RECORDS = 100
COMMIT_TIMEOUT_SECONDS = 10.0
DRAIN_SECONDS = 20.0
STALL_SECONDS = 120.0
SESSION_TIMEOUT_MS = 20_000
REBALANCE_TIMEOUT_MS = 60_000
# A record may be held for hours while a dependency is down; heartbeats keep the membership, the watchdog finds a hung process.
POLL_INTERVAL_MS_MAX = 24 * 3600 * 1000
FETCH_BYTES_MAX = 4 * 1024 * 1024

Handler = Callable[[Any, Envelope], Awaitable[str]]
"""Takes the event and its envelope; answers with the outcome: "handled", "superseded" or "ignored"."""

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
        self.holding: str | None = None
        self._handlers = handlers
        self._dead_letters = dead_letters
        self._clock = clock
        self._offsets = Offsets()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._interrupt = asyncio.Event()
        self._revoked: set[Partition] = set()
        self._started = False
        self._last_progress = 0.0
        self._broker = KafkaBroker(
            **_faststream_arguments(address), client_id=group, graceful_timeout=DRAIN_SECONDS, logger=None
        )
        self._subscriber: Any = self._broker.subscriber(
            *self.topics,
            group_id=group,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MS_MAX,
            max_partition_fetch_bytes=FETCH_BYTES_MAX,
            listener=_Listener(self),
            parser=_parse,
            decoder=_leave_undecoded,
            no_reply=True,
        )
        self._subscriber(self._on_message)

    # -- life ----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Consume until cancelled: waits for the brokers, however long they are away, and commits in the background."""
        backoff = 0.5
        while not self._started:
            try:
                await self._broker.start()
                self._started = True
            except (KafkaError, OSError):
                self.holding = "kafka"
                log.warning("kafka-not-there", group=self.group, retry_seconds=backoff)
                await self._broker.stop()
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, HOLD_SECONDS_MAX)
        self.holding = None
        self._last_progress = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(COMMIT_SECONDS / 4)
            due = asyncio.get_running_loop().time() - self._last_commit >= COMMIT_SECONDS
            if due or self._offsets.finished_since_commit >= COMMIT_RECORDS:
                await self._commit()

    _last_commit = 0.0

    async def stop(self) -> None:
        """Finish the record in hand, commit what is done, leave the group. Records not finished are read again."""
        self._stopping = True
        self._interrupt.set()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
                await self._commit()
        except TimeoutError:
            log.warning("stop-without-drain", group=self.group)
        if self._started:
            await self._broker.stop()

    def stalled(self) -> str | None:
        """Why this consumer can make no progress any more although nothing that it needs is down; None while all is well."""
        if not self._started or self.holding or self._stopping:
            return None
        if not self._subscriber.tasks or any(task.done() for task in self._subscriber.tasks):
            return "consume loop ended"
        silent = asyncio.get_running_loop().time() - self._last_progress
        if silent > STALL_SECONDS and self._lag() > 0:
            return f"no progress for {int(silent)} s"
        return None

    def _lag(self) -> int:
        consumer = self._subscriber.consumer
        if consumer is None:
            return 0
        lag = 0
        for partition in consumer.assignment():
            position = self._offsets.position((partition.topic, partition.partition))
            end = consumer.highwater(partition)
            if end is not None and position is not None:
                lag += max(0, end - position)
        return lag

    # -- one record ----------------------------------------------------------------------------------------------------

    async def _on_message(self, message: IncomingMessage) -> None:
        record: Any = message.raw_message
        partition: Partition = (record.topic, record.partition)
        if self._stopping or partition in self._revoked:
            return
        self._offsets.begin(partition, record.offset)
        self._idle.clear()
        try:
            with HANDLE_SECONDS.labels(topic=record.topic).time():
                finished = await self._guarded(record, partition)
            if finished:
                self._offsets.finish(partition, record.offset)
                self._last_progress = asyncio.get_running_loop().time()
        finally:
            self._idle.set()

    async def _guarded(self, record: Any, partition: Partition) -> bool:
        """Handle the record, or dead-letter it. False: abandoned, since the process stops or the partition was taken away."""
        first_failed_at: datetime | None = None
        attempts, held, reason = 0, 0, ""
        while True:
            if self._stopping or partition in self._revoked:
                return False
            try:
                if reason:
                    await send_dead_letter(
                        record,
                        sender=self._dead_letters,
                        reason=reason,
                        group=self.group,
                        attempts=attempts,
                        first_failed_at=first_failed_at or self._clock(),
                    )
                    self._count(record, "", "dead-letter")
                    log.error("dead-letter", reason=reason, **_where(record), group=self.group)
                else:
                    attempts += 1
                    await self._handle(record)
                self._hold(None)
            except DependencyDownError as error:
                attempts -= 0 if reason else 1
                self._hold(str(error))
                held += 1
                await self._pause(min(0.1 * 2**held, HOLD_SECONDS_MAX))
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                # Not meant for us: something below was cancelled. Let through it would end the consume loop for ever.
                first_failed_at = first_failed_at or self._clock()
                reason = await self._again("stray-cancellation", attempts)
            except (RecordFaultError, SealBrokenError) as error:
                first_failed_at = first_failed_at or self._clock()
                reason = error.reason if isinstance(error, RecordFaultError) else "seal-broken"
            except Exception as error:  # noqa: BLE001 - whatever it is, the record must not be lost
                first_failed_at = first_failed_at or self._clock()
                log.warning(
                    "handler-failed",
                    error=type(error).__name__,
                    at=_innermost(error),
                    attempt=attempts,
                    **_where(record),
                )
                reason = await self._again(f"error-{type(error).__name__}", attempts)
            else:
                return True

    async def _again(self, reason: str, attempts: int) -> str:
        """Empty while another try is left, after its pause; else the reason for the dead letter."""
        if attempts >= TRIES_MAX:
            return reason
        await asyncio.sleep(TRY_PAUSES_SECONDS[attempts - 1])
        return ""

    async def _handle(self, record: Any) -> None:
        envelope = from_headers(record.headers)
        kind = EVENTS.get(envelope.type)
        handler = self._handlers.get(kind) if kind else None
        if kind is None or handler is None:
            # A type of a newer producer, or one that this service has no use for.
            self._count(record, envelope.type if kind else "unknown", "ignored")
            return
        if kind.topic != record.topic:
            raise RecordFaultError("wrong-topic")
        if record.value is None or len(record.value) > RECORD_BYTES_MAX:
            raise RecordFaultError("body-missing" if record.value is None else "body-oversized")
        try:
            event = kind.model_validate_json(record.value)
        except ValidationError:
            raise RecordFaultError("body-invalid") from None
        trace.begin(envelope.traceparent)
        with structlog.contextvars.bound_contextvars(subject=envelope.subject):
            async with asyncio.timeout(HANDLER_SECONDS_MAX):
                outcome = await handler(event, envelope)
            log.info("handled", type=envelope.type, sequence=envelope.sequence, outcome=outcome)
        self._count(record, envelope.type, outcome)

    def _count(self, record: Any, kind: str, outcome: str) -> None:
        RECORDS_HANDLED.labels(topic=record.topic, type=kind, outcome=outcome).inc()

    def _hold(self, what: str | None) -> None:
        if what and self.holding is None:
            log.warning("holding", dependency=what, group=self.group)
        self.holding = what
        HOLDING.labels(group=self.group).set(1 if what else 0)

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not longer than until a stop or a rebalance."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._interrupt.wait()

    # -- offsets -------------------------------------------------------------------------------------------------------

    async def _commit(self) -> None:
        """Commit the contiguous prefix of each partition that we still own; a failure only means a longer redelivered tail."""
        consumer = self._subscriber.consumer
        self._last_commit = asyncio.get_running_loop().time()
        if consumer is None:
            return
        owned = consumer.assignment()
        ready = {key: offset for key, offset in self._offsets.committable().items() if TopicPartition(*key) in owned}
        if not ready:
            return
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_SECONDS):
                await consumer.commit({TopicPartition(*key): offset for key, offset in ready.items()})
        except (KafkaError, TimeoutError, ValueError) as error:
            log.warning("commit-failed", group=self.group, error=type(error).__name__)
            return
        self._offsets.committed(ready)

    async def on_revoked(self, partitions: set[TopicPartition]) -> None:
        """Let the record in hand end, commit, and forget the partitions; a record held for a dependency is abandoned."""
        keys = {(partition.topic, partition.partition) for partition in partitions}
        if self.holding:
            self._revoked |= keys
            self._interrupt.set()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("revoked-without-drain", group=self.group)
        self._revoked |= keys
        await self._commit()
        for key in keys:
            self._offsets.forget(key)
        if not self._stopping:
            self._interrupt.clear()

    def on_assigned(self, partitions: set[TopicPartition]) -> None:
        self._revoked -= {(partition.topic, partition.partition) for partition in partitions}
        self._last_progress = asyncio.get_running_loop().time()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, owner: Consumer) -> None:
        self._owner = owner

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._owner.on_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._owner.on_assigned(assigned)


async def _parse(record: Any) -> KafkaMessage:
    """Take the record as it is: the library's own parser raises on a header without text, and the record would be skipped."""
    return KafkaMessage(
        body=b"",
        headers={},
        message_id=f"{record.topic}-{record.partition}-{record.offset}",
        correlation_id=f"{record.topic}-{record.partition}-{record.offset}",
        raw_message=record,
        consumer=FAKE_CONSUMER,
    )


async def _leave_undecoded(_message: KafkaMessage) -> bytes:
    return b""


def _where(record: Any) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _innermost(error: BaseException) -> str:
    """File and line where it was raised; the text of an exception may hold what people wrote, so it is not logged."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else ""


def _faststream_arguments(address: KafkaAddress) -> dict[str, Any]:
    """FastStream takes TLS and SASL as one security object instead of aiokafka's arguments."""
    from faststream.security import BaseSecurity, SASLScram512  # noqa: PLC0415 - only needed here

    arguments = address.arguments()
    tls = arguments["ssl_context"]
    security: BaseSecurity | None = None
    if address.user:
        security = SASLScram512(
            username=address.user, password=address.password or "", ssl_context=tls, use_ssl=bool(tls)
        )
    elif tls:
        security = BaseSecurity(ssl_context=tls, use_ssl=True)
    return {
        "bootstrap_servers": arguments["bootstrap_servers"],
        "security": security,
        "allow_auto_create_topics": False,
    }
