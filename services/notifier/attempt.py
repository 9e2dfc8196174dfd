"""One attempt at one message: open it, hand it to the mail server, store what came of it together with its event."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from services.notifier.classify import ABOUT_A_MESSAGE, Kind, Outcome, Slower
from services.notifier.decide import GAVE_UP, TOO_LATE, decide, is_too_late, is_too_old
from services.notifier.gates import Later, Objection, Refuse, Stop
from services.notifier.lines import Lines, NoLineError
from services.notifier.message import Attempt, LeasedMessage, MailContent, mail_place, to_mail
from services.notifier.metrics import ACCEPTED_SECONDS, ATTEMPTS, CHANNEL_OPEN
from services.notifier.mime import mail_bytes
from services.notifier.outgoing import Outgoing
from services.notifier.retrying import rest_after
from services.notifier.smtp import Envelope, LeaseOverError
from services.notifier.stored_message import ServerWords, words_place
from services.notifier.write_down import decided, given_back, stopped, until_written
from shared import crash, trace
from shared.errors import DependencyDownError
from shared.sealing import SealBrokenError, Sealed
from shared.vault import ErasedError

PREDECESSOR_SECONDS = 0.5
DEPENDENCY_SECONDS = 5.0
GATE_SECONDS = 300.0
"""A mail about which a gate cannot say anything is looked at again after this long."""

log = structlog.get_logger(__name__)


async def attempt_message(
    message: LeasedMessage, lines: Lines, still_ours: Callable[[], bool], *, outgoing: Outgoing
) -> None:
    """Try once. Whatever happens, the message is done, due again later, or left to expire with its lease."""
    crash.reached(crash.AFTER_LEASE)
    trace.begin(message.traceparent)
    if message.obsolete:
        await stopped(message, "obsolete", outgoing=outgoing)
        return
    try:
        objection = await _objection(message, outgoing=outgoing)
        if objection is not None:
            await _obey(objection, message, outgoing=outgoing)
            return
        outcome = await _deliver(message, lines, still_ours, outgoing=outgoing)
    except DependencyDownError:
        await _put_back(message, seconds=DEPENDENCY_SECONDS, outgoing=outgoing)
    except NoLineError:
        await given_back(message, message.due_at, outgoing=outgoing)
    except LeaseOverError:
        log.warning("lease-was-over", message_id=message.message_id)
        await given_back(message, message.due_at, outgoing=outgoing)
    except ErasedError:
        await stopped(message, "erased", outgoing=outgoing)
    except (SealBrokenError, ValueError) as error:
        # The message itself cannot be sent by anybody.
        await _refused(message, "unsendable", "seal" if isinstance(error, SealBrokenError) else "compose", outgoing)
    else:
        if outcome is None:
            await _put_back(message, seconds=PREDECESSOR_SECONDS, outgoing=outgoing)
        else:
            await _answered(message, outcome, outgoing=outgoing)


async def _objection(message: LeasedMessage, *, outgoing: Outgoing) -> Objection | None:
    if is_too_late(message, outgoing.clock()):
        return Refuse(TOO_LATE)
    for gate in outgoing.gates:
        try:
            objection = await gate(message)
        except DependencyDownError:
            raise
        except Exception:
            # What a gate looks at is broken, not the mail: it waits until somebody has mended that.
            log.exception("gate-broke-off", message_id=message.message_id, needs_attention=True)
            return Later(outgoing.clock() + timedelta(seconds=GATE_SECONDS), "gate_broken")
        if objection is not None:
            return objection
    return None


async def _obey(objection: Objection, message: LeasedMessage, *, outgoing: Outgoing) -> None:
    match objection:
        case Later(due_at, why):
            await given_back(message, due_at, why=why, outgoing=outgoing)
            log.info("message-waits", message_id=message.message_id, kind=message.kind, why=why)
        case Stop(why):
            await stopped(message, why, outgoing=outgoing)
        case Refuse(reason, undeliverable):
            await _refused(message, reason, "gate", outgoing, undeliverable=undeliverable)


async def _deliver(
    message: LeasedMessage, lines: Lines, still_ours: Callable[[], bool], *, outgoing: Outgoing
) -> Outcome | None:
    """What the mail server says of it. None: not yet, since an older mail about the same thing is just being sent.

    Calendars take what comes last for true, so the older one must be over first.
    """
    if message.replaces and await outgoing.messages.predecessor_in_hand(message):
        return None
    content = await outgoing.vault.unseal(message.mail, MailContent, place=mail_place(message.message_id))
    sender = outgoing.sender
    mail = mail_bytes(to_mail(message, content, sender_name=sender.display_name, sender=sender.address))
    envelope = Envelope(outgoing.return_path(message.message_id), content.recipient, message.message_id)
    async with lines.line() as transport:
        if outgoing.channel.rests(outgoing.clock()):
            raise NoLineError
        return await transport.deliver(mail, envelope, still_ours=still_ours)


async def _answered(message: LeasedMessage, outcome: Outcome, *, outgoing: Outgoing) -> None:
    now = outgoing.clock()
    if outcome.kind is Kind.ACCEPTED:
        crash.reached(crash.AFTER_DATA_BEFORE_RECEIPT)
    ATTEMPTS.labels(kind=message.kind, outcome=outcome.kind.value).inc()
    _slow_down(message, outcome, outgoing=outgoing)
    attempt = Attempt.of(outcome, now, words=await _sealed_words(message, outcome, outgoing=outgoing))
    if outcome.kind is Kind.CHANNEL:
        _rest(outcome, outgoing=outgoing)
        await _after_trouble(message, attempt, outcome, outgoing=outgoing)
        return
    if outgoing.channel.fine():
        CHANNEL_OPEN.set(1)
        log.info("mail-channel-open")
    if outcome.suppress:
        await until_written(lambda: outgoing.on_undeliverable(message, attempt))
    decision = decide(
        message,
        attempt,
        patience=outgoing.patience,
        random=outgoing.random(),
        asked=outcome.asked_pause,
        undeliverable=outcome.suppress,
    )
    await decided(message, decision, outgoing=outgoing, alert=outcome.alert)
    if decision.state == "accepted":
        ACCEPTED_SECONDS.observe((now - message.sendable_from).total_seconds())


async def _after_trouble(message: LeasedMessage, attempt: Attempt, outcome: Outcome, *, outgoing: Outgoing) -> None:
    """Nothing was tried. Where the trouble came with this very message, others go first next time: it may be its cause."""
    if outcome.phase not in ABOUT_A_MESSAGE:
        await given_back(message, message.due_at, outgoing=outgoing)
    elif is_too_old(message, attempt.at, patience=outgoing.patience):
        await _failed(message, replace(attempt, outcome=Kind.FAILED, reason=GAVE_UP), outgoing)
    else:
        due_at = attempt.at + rest_after(message.put_back + 1)
        await given_back(message, due_at, outgoing=outgoing, trouble=True)


async def _sealed_words(message: LeasedMessage, outcome: Outcome, *, outgoing: Outgoing) -> Sealed | None:
    """What the server said, for staff. An outcome without its words is better than none."""
    if not outcome.text:
        return None
    try:
        return await outgoing.vault.seal(
            ServerWords(text=outcome.text),
            key_id=message.mail.key_id,
            place=words_place(message.message_id, message.attempts),
        )
    except (DependencyDownError, ErasedError):
        return None


def _slow_down(message: LeasedMessage, outcome: Outcome, *, outgoing: Outgoing) -> None:
    if outcome.slower is None:
        return
    domain = message.domain if outcome.slower is Slower.DOMAIN else None
    if domain != "" and outgoing.pacing.slow_down(outgoing.clock(), domain=domain):
        log.warning("mail-slowed", why=outcome.slower.value, message_id=message.message_id, code=outcome.code)


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


async def _refused(
    message: LeasedMessage, reason: str, phase: str, outgoing: Outgoing, *, undeliverable: bool = False
) -> None:
    """It was not offered to a server, and has failed."""
    refused = Attempt(at=outgoing.clock(), phase=phase, outcome=Kind.FAILED, reason=reason)
    await _failed(message, refused, outgoing, undeliverable=undeliverable)


async def _failed(message: LeasedMessage, attempt: Attempt, outgoing: Outgoing, *, undeliverable: bool = False) -> None:
    random = outgoing.random()
    decision = decide(message, attempt, patience=outgoing.patience, random=random, undeliverable=undeliverable)
    await decided(message, decision, outgoing=outgoing)


async def _put_back(message: LeasedMessage, *, seconds: float, outgoing: Outgoing) -> None:
    await given_back(message, outgoing.clock() + timedelta(seconds=seconds), outgoing=outgoing)
