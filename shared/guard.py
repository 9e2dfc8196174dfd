"""The guard around every handler: a record is handled or dead-lettered before it counts as done.

What is down is waited for, for as long as it lasts; what is wrong with the record itself goes to the dead letters after a few tries.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from shared import trace
from shared.cancelling import is_meant_for_us
from shared.dead_letters import Sender, send_dead_letter
from shared.envelope import RECORD_BYTES_MAX, Envelope, from_headers
from shared.errors import DependencyDownError, RecordFaultError
from shared.events import EVENTS, Event
from shared.metrics import HOLDING, RECORDS_HANDLED
from shared.reading import UnreadableRecord
from shared.sealing import SealBrokenError

# Between the tries of one record; after the last try it becomes a dead letter.
TRY_PAUSES_SECONDS = (0.2, 1.0, 3.0)
HANDLER_SECONDS_MAX = 30.0
HOLD_SECONDS_MIN = 0.2
HOLD_SECONDS_MAX = 10.0
# While a dead letter waits for its acknowledgement: how often to look whether the partition is still ours.
LOOK_SECONDS = 0.5

Handler = Callable[[Any, Envelope], Awaitable[str]]
"""Takes the event and its envelope; answers with the outcome: "handled", "superseded" or "ignored"."""

log = structlog.get_logger(__name__)


@dataclass
class _Case:
    """What is known of one record so far; `reason` is set when it is to become a dead letter."""

    record: Any
    attempts: int = 0
    held: int = 0
    reason: str = ""
    first_failed_at: datetime | None = None


class Guard:
    """Sees records through, one at a time. `disturb` is to be set when a record in hand may have to be abandoned."""

    def __init__(
        self,
        *,
        group: str,
        handlers: Mapping[type[Event], Handler],
        dead_letters: Sender,
        clock: Callable[[], datetime],
        try_pauses_seconds: Sequence[float] = TRY_PAUSES_SECONDS,
    ) -> None:
        self.holding: str | None = None
        self.disturb = asyncio.Event()
        self.last_sign = time.monotonic()
        """When a record was last begun, tried again or finished (monotonic seconds); a try is bounded, so silence is a hang."""
        self._group = group
        self._handlers = handlers
        self._dead_letters = dead_letters
        self._clock = clock
        self._try_pauses_seconds = try_pauses_seconds
        self.unwell: Callable[[], Awaitable[str | None]] | None = None
        """Names a dependency that does not answer as it should; asked when a handler takes too long, which may be its doing."""

    async def see_through(self, record: Any, *, abandoned: Callable[[], bool]) -> bool:
        """Handle the record, or dead-letter it. False: given up since `abandoned()`; it must not count as done."""
        case = _Case(record)
        while not abandoned():
            self.last_sign = time.monotonic()
            try:
                if case.reason:
                    await self._bury(case, abandoned)
                else:
                    case.attempts += 1
                    await self._handle(record)
            except DependencyDownError as error:
                case.attempts -= 0 if case.reason else 1
                await self._hold(str(error), case)
            except asyncio.CancelledError:
                if is_meant_for_us():
                    raise
                # Let through it would end the consume loop for ever.
                await self._failed(case, "stray-cancellation")
            except _AbandonedError:
                break
            except (RecordFaultError, SealBrokenError) as error:
                self._note_first(case)
                case.reason = error.reason if isinstance(error, RecordFaultError) else "seal-broken"
            except Exception as error:  # noqa: BLE001 - whatever it is, the record must not be lost
                log.warning("handler-failed", at=_innermost(error), attempt=case.attempts, **_facts(case, error))
                await self._failed(case, f"error-{type(error).__name__}")
            else:
                self.hold(None)
                self.last_sign = time.monotonic()
                return True
        self.hold(None)
        return False

    def hold(self, what: str | None) -> None:
        """Note (and show) that this consumer waits for `what`; None: it waits no longer."""
        if what and self.holding is None:
            log.warning("holding", dependency=what, group=self._group)
        if self.holding and what is None:
            log.info("holding-ended", dependency=self.holding, group=self._group)
        self.holding = what
        HOLDING.labels(group=self._group).set(1 if what else 0)

    async def _handle(self, record: Any) -> None:
        if isinstance(record, UnreadableRecord):
            raise RecordFaultError("record-unreadable")
        envelope = from_headers(record.headers)
        kind = EVENTS.get(envelope.type)
        handler = self._handlers.get(kind) if kind else None
        if kind is None or handler is None:
            # A type of a newer producer, or one that this service has no use for.
            self._count(record, envelope.type if kind else "unknown", "ignored")
            return
        if kind.topic != record.topic:
            raise RecordFaultError("wrong-topic")
        if record.value is None:
            raise RecordFaultError("body-missing")
        if len(record.value) > RECORD_BYTES_MAX:
            raise RecordFaultError("body-oversized")
        try:
            event = kind.model_validate_json(record.value)
        except ValidationError:
            raise RecordFaultError("body-invalid") from None
        trace.begin(envelope.traceparent)
        with structlog.contextvars.bound_contextvars(subject=envelope.subject):
            outcome = await self._bounded(handler(event, envelope))
            log.info("handled", type=envelope.type, sequence=envelope.sequence, outcome=outcome)
        self._count(record, envelope.type, outcome)

    async def _bounded(self, handling: Awaitable[str]) -> str:
        """Cut the handler off where it takes too long: the record's fault, unless a dependency is slow or away."""
        bound = asyncio.timeout(HANDLER_SECONDS_MAX)
        try:
            async with bound:
                return await handling
        except TimeoutError:
            what = await self.unwell() if self.unwell and bound.expired() else None
            if what:
                raise DependencyDownError(what) from None
            raise

    async def _bury(self, case: _Case, abandoned: Callable[[], bool]) -> None:
        """Send the dead letter once and wait for its acknowledgement, however long the broker is away.

        The wait is not cut short: what the producer took may still arrive, and each new try would add a copy.
        """
        sending = asyncio.create_task(
            send_dead_letter(
                case.record,
                sender=self._dead_letters,
                reason=case.reason,
                group=self._group,
                attempts=case.attempts,
                first_failed_at=case.first_failed_at or self._clock(),
            )
        )
        try:
            while not (await asyncio.wait({sending}, timeout=LOOK_SECONDS))[0]:
                if abandoned():
                    raise _AbandonedError
                self.hold("kafka")
                self.last_sign = time.monotonic()
            await sending
        finally:
            sending.cancel()
        self._count(case.record, "", "dead-letter")
        log.error("dead-letter", reason=case.reason, group=self._group, **_where(case.record))

    async def _failed(self, case: _Case, reason: str) -> None:
        """After a failure that may be the record's: pause before the next try, or give the reason for its dead letter."""
        self._note_first(case)
        if case.reason:
            # It is the dead letter that fails, and not for a dependency that says so: wait, it must get there.
            await self._hold("dead letters", case)
        elif case.attempts > len(self._try_pauses_seconds):
            case.reason = reason
        else:
            await self._pause(self._try_pauses_seconds[case.attempts - 1])

    async def _hold(self, what: str, case: _Case) -> None:
        self.hold(what)
        await self._pause(min(HOLD_SECONDS_MIN * 2 ** min(case.held, 10), HOLD_SECONDS_MAX))
        case.held += 1

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not longer than until the consumer stops or loses partitions."""
        if self.disturb.is_set():
            await asyncio.sleep(min(seconds, HOLD_SECONDS_MIN))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.disturb.wait()

    def _note_first(self, case: _Case) -> None:
        case.first_failed_at = case.first_failed_at or self._clock()

    def _count(self, record: Any, kind: str, outcome: str) -> None:
        RECORDS_HANDLED.labels(topic=record.topic, type=kind, outcome=outcome).inc()


class _AbandonedError(Exception):
    """The record in hand is somebody else's now, or the process stops."""


def _where(record: Any) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def _facts(case: _Case, error: Exception) -> dict[str, Any]:
    return {"error": type(error).__name__, **_where(case.record)}


def _innermost(error: BaseException) -> str:
    """File and line where it was raised; the text of an exception may hold what people wrote, so it is not logged."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else ""
