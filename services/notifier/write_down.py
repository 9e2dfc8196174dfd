"""What came of a message is stored together with its event, however long the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import structlog

from services.notifier.decide import Decision
from services.notifier.message import LeasedMessage, State
from services.notifier.message_event import next_event
from services.notifier.outgoing import Outgoing
from shared import crash, trace
from shared.errors import DependencyDownError
from shared.outbox import PendingEvent, Waiting

STORE_PAUSE_SECONDS_MAX = 2.0

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


async def decided(message: LeasedMessage, decision: Decision, *, outgoing: Outgoing, alert: bool = False) -> None:
    """Of an attempt that said something about the message."""
    event = decision_event(message, decision, traceparent=trace.current())
    await _finish(message, decision.state, decision=decision, event=event, why=decision.why, outgoing=outgoing)
    log_decision(message, decision, alert=alert)


async def stopped(message: LeasedMessage, why: str, *, outgoing: Outgoing) -> None:
    """It is not sent any more, and nobody needs to hear of it."""
    await _finish(message, "stopped", decision=None, event=None, why=why, outgoing=outgoing)
    log.info("message-stopped", message_id=message.message_id, kind=message.kind, why=why)


async def given_back(
    message: LeasedMessage, due_at: datetime, *, outgoing: Outgoing, why: str | None = None, trouble: bool = False
) -> None:
    """Nothing was tried; for `why` and `trouble` see `Leases.release`."""
    await until_written(lambda: outgoing.messages.release(message, due_at=due_at, why=why, trouble=trouble))


async def until_written(write: Callable[[], Awaitable[Result]]) -> Result:
    """What the server said must not be forgotten because the database is away: the lease is renewed as long as we try."""
    pause = 0.1
    while True:
        try:
            return await write()
        except DependencyDownError:
            await asyncio.sleep(pause)
            pause = min(pause * 2, STORE_PAUSE_SECONDS_MAX)


def decision_event(message: LeasedMessage, decision: Decision, *, traceparent: str) -> PendingEvent | None:
    """What the others are told of a decision, ready for the outbox; None while the message is not done."""
    if decision.event is None:
        return None
    return next_event(message, decision.event, now=decision.attempt.at, traceparent=traceparent)


def log_decision(message: LeasedMessage, decision: Decision, *, alert: bool = False) -> None:
    """The server's own words are no part of it: they may hold the address."""
    attempt = decision.attempt
    log.log(
        40 if alert or decision.state == "failed" else 20,
        "mail-attempt",
        message_id=message.message_id,
        kind=message.kind,
        state=decision.state,
        phase=attempt.phase,
        reason=decision.why or attempt.reason,
        code=attempt.code,
        enhanced=attempt.enhanced,
    )


async def _finish(
    message: LeasedMessage,
    state: State,
    *,
    decision: Decision | None,
    event: PendingEvent | None,
    why: str | None,
    outgoing: Outgoing,
) -> None:
    async def write() -> Waiting | None:
        return await outgoing.messages.finish(
            message,
            state=state,
            attempt=decision.attempt if decision else None,
            now=outgoing.clock(),
            due_at=decision.due_at if decision else None,
            event=event,
            why=why,
        )

    written = await until_written(write)
    if written is None:
        log.warning("lease-was-lost", message_id=message.message_id, state=state)
    else:
        crash.reached(crash.AFTER_FINISH)
        outgoing.publish(written)
