"""One attempt at one message: open it, hand it to the mail server, store what came of it together with its event."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from services.notifier.classify import Kind, Outcome
from services.notifier.decide import Decision, Patience, decide
from services.notifier.gates import Gate, Later, Objection, Refuse, Stop
from services.notifier.message import Attempt, LeasedMessage, MailContent, State, mail_place, to_mail
from services.notifier.metrics import ACCEPTED_SECONDS, ATTEMPTS, CHANNEL_OPEN
from services.notifier.mime import mail_bytes
from services.notifier.retrying import Channel
from services.notifier.store import Messages
from shared import crash, ids, outbox, trace
from shared.errors import DependencyDownError
from shared.outbox import PendingEvent, Waiting
from shared.programme_parts import Sender
from shared.sealing import SealBrokenError
from shared.vault import ErasedError, Vault

SOURCE = "/forloeb/notifier"
STORE_PAUSE_SECONDS_MAX = 2.0
PREDECESSOR_SECONDS = 0.5
DEPENDENCY_SECONDS = 5.0

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """One connection to the mail server, used for one mail at a time."""

    async def deliver(self, mail: bytes, *, envelope_from: str, recipient: str) -> Outcome:
        """One attempt; never raises for what a server or a network does. ValueError for an address that is none."""

    async def close_if_idle(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What every attempt needs. `random` gives numbers in [0, 1); `publish` tells the relay of a written event.

    `gates` are asked before each attempt, in their order. `on_undeliverable` hears of each address that takes no mail, before
    that is written down with the message; it may hear of the same again.
    """

    messages: Messages
    vault: Vault
    sender: Sender
    channel: Channel
    patience: Patience
    clock: Callable[[], datetime]
    random: Callable[[], float]
    publish: Callable[[Waiting], None]
    gates: tuple[Gate, ...] = ()
    on_undeliverable: Callable[[LeasedMessage, Attempt], Awaitable[None]] | None = None


async def attempt_message(message: LeasedMessage, transport: Transport, *, outgoing: Outgoing) -> None:
    """Try once. Whatever happens, the message is done, due again later, or left to expire with its lease."""
    trace.begin(message.traceparent)
    if message.obsolete:
        await _stop(message, "obsolete", outgoing=outgoing)
        return
    try:
        objection = await _objection(message, outgoing=outgoing)
        if objection is not None:
            await _obey(objection, message, outgoing=outgoing)
            return
        outcome = await _deliver(message, transport, outgoing=outgoing)
    except DependencyDownError:
        await _put_back(message, seconds=DEPENDENCY_SECONDS, outgoing=outgoing)
    except ErasedError:
        await _stop(message, "erased", outgoing=outgoing)
    except (SealBrokenError, ValueError) as error:
        # The message itself cannot be sent by anybody.
        phase = "seal" if isinstance(error, SealBrokenError) else "compose"
        fault = Attempt(at=outgoing.clock(), phase=phase, outcome=Kind.FAILED, reason="unsendable")
        await _decided(message, fault, outgoing=outgoing)
    else:
        if outcome is None:
            await _put_back(message, seconds=PREDECESSOR_SECONDS, outgoing=outgoing)
        else:
            await _answered(message, outcome, outgoing=outgoing)


async def _objection(message: LeasedMessage, *, outgoing: Outgoing) -> Objection | None:
    for gate in outgoing.gates:
        objection = await gate(message)
        if objection is not None:
            return objection
    return None


async def _obey(objection: Objection, message: LeasedMessage, *, outgoing: Outgoing) -> None:
    match objection:
        case Later(due_at, why):
            await _until_written(lambda: outgoing.messages.release(message, due_at=due_at))
            log.info("message-waits", message_id=message.message_id, kind=message.kind, why=why)
        case Stop(why):
            await _stop(message, why, outgoing=outgoing)
        case Refuse(reason):
            refused = Attempt(at=outgoing.clock(), phase="gate", outcome=Kind.FAILED, reason=reason)
            await _decided(message, refused, outgoing=outgoing)


async def _deliver(message: LeasedMessage, transport: Transport, *, outgoing: Outgoing) -> Outcome | None:
    """What the mail server says of it. None: not yet, since an older mail about the same thing is just being sent.

    Calendars take what comes last for true, so the older one must be over first.
    """
    if message.replaces and await outgoing.messages.predecessor_in_hand(message):
        return None
    content = await outgoing.vault.unseal(message.mail, MailContent, place=mail_place(message.message_id))
    sender = outgoing.sender
    mail = mail_bytes(to_mail(message, content, sender_name=sender.display_name, sender=sender.address))
    return await transport.deliver(mail, envelope_from=sender.address, recipient=content.recipient)


async def _answered(message: LeasedMessage, outcome: Outcome, *, outgoing: Outgoing) -> None:
    if outcome.kind is Kind.ACCEPTED:
        crash.reached(crash.AFTER_DATA_BEFORE_RECEIPT)
    ATTEMPTS.labels(kind=message.kind, outcome=outcome.kind.value).inc()
    if outcome.kind is Kind.CHANNEL:
        _rest(outcome, outgoing=outgoing)
        await _until_written(lambda: outgoing.messages.release(message, due_at=message.due_at))
        return
    if outgoing.channel.fine():
        CHANNEL_OPEN.set(1)
        log.info("mail-channel-open")
    on_undeliverable = outgoing.on_undeliverable
    if outcome.suppress and on_undeliverable is not None:
        attempt = Attempt.of(outcome, outgoing.clock())
        await _until_written(lambda: on_undeliverable(message, attempt))
    await _decided(message, Attempt.of(outcome, outgoing.clock()), outgoing=outgoing, alert=outcome.alert)


async def _stop(message: LeasedMessage, why: str, *, outgoing: Outgoing) -> None:
    await _finish(message, "stopped", None, outgoing=outgoing)
    log.info("message-stopped", message_id=message.message_id, kind=message.kind, why=why)


async def _put_back(message: LeasedMessage, *, seconds: float, outgoing: Outgoing) -> None:
    due_at = outgoing.clock() + timedelta(seconds=seconds)
    await _until_written(lambda: outgoing.messages.release(message, due_at=due_at))


def _rest(outcome: Outcome, *, outgoing: Outgoing) -> None:
    rest = outgoing.channel.trouble(outgoing.clock())
    if rest is not None:
        CHANNEL_OPEN.set(0)
        log.warning(
            "mail-channel-rests",
            seconds=rest.total_seconds(),
            phase=outcome.phase.value,
            reason=outcome.reason.value,
            code=outcome.code,
            needs_attention=outcome.alert,
        )


async def _decided(message: LeasedMessage, attempt: Attempt, *, outgoing: Outgoing, alert: bool = False) -> None:
    decision = decide(message, attempt, patience=outgoing.patience, random=outgoing.random())
    event = decision_event(message, decision, traceparent=trace.current())
    await _finish(message, decision.state, attempt, due_at=decision.due_at, event=event, outgoing=outgoing)
    if decision.state == "accepted":
        ACCEPTED_SECONDS.observe((attempt.at - message.created_at).total_seconds())
    log_decision(message, decision, alert=alert)


def decision_event(message: LeasedMessage, decision: Decision, *, traceparent: str) -> PendingEvent | None:
    """What the others are told of a decision, ready for the outbox; None while the message is not done."""
    if decision.event is None:
        return None
    at = decision.attempt.at
    return outbox.pending(
        decision.event,
        event_id=ids.uuid7(at, os.urandom(10)),
        source=SOURCE,
        subject=message.message_id,
        sequence=message.event_sequence + 1,
        now=at,
        traceparent=traceparent,
        key=message.application_id,
    )


def log_decision(message: LeasedMessage, decision: Decision, *, alert: bool = False) -> None:
    attempt = decision.attempt
    log.log(
        40 if alert or decision.state == "failed" else 20,
        "mail-attempt",
        message_id=message.message_id,
        kind=message.kind,
        state=decision.state,
        phase=attempt.phase,
        reason=attempt.reason,
        code=attempt.code,
        enhanced=attempt.enhanced,
    )


async def _finish(
    message: LeasedMessage,
    state: State,
    attempt: Attempt | None,
    *,
    due_at: datetime | None = None,
    event: PendingEvent | None = None,
    outgoing: Outgoing,
) -> None:
    async def write() -> Waiting | None:
        return await outgoing.messages.finish(
            message, state=state, attempt=attempt, now=outgoing.clock(), due_at=due_at, event=event
        )

    written = await _until_written(write)
    if written is None:
        log.warning("lease-was-lost", message_id=message.message_id, state=state)
    else:
        outgoing.publish(written)


async def _until_written(write: Callable[[], Awaitable[Result]]) -> Result:
    """What the server said must not be forgotten because the database is away: the lease is renewed as long as we try."""
    pause = 0.1
    while True:
        try:
            return await write()
        except DependencyDownError:
            await asyncio.sleep(pause)
            pause = min(pause * 2, STORE_PAUSE_SECONDS_MAX)
