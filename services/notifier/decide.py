"""What becomes of a message after an attempt: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.classify import Kind
from services.notifier.message import Attempt, LeasedMessage, State
from services.notifier.retrying import retry_after
from shared.events import MessageEvent, MessageFailed, MessageSent, MessageState

TOO_LATE = "too_late"
"""The next attempt would come when nobody needs the message any more."""
GAVE_UP = "gave_up"
"""It was tried for as long as is reasonable."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message is tried: the pauses between attempts in seconds, and the age at which it has failed."""

    retry_seconds: Sequence[float]
    give_up_after: timedelta


@dataclass(frozen=True, slots=True)
class Decision:
    """Without `due_at` the message is done, and `event` says so to the others. `why`: a word for what ended it in vain."""

    state: State
    attempt: Attempt
    due_at: datetime | None = None
    event: MessageEvent | None = None
    why: str | None = None


def decide(
    message: LeasedMessage,
    attempt: Attempt,
    *,
    patience: Patience,
    random: float,
    asked: timedelta | None = None,
    undeliverable: bool = False,
) -> Decision:
    """Of an attempt that said something about the message; `random` lies in [0, 1). Not for troubles of the channel.

    `asked` is the pause that the server wishes, `undeliverable` that the address takes no mail.
    """
    if attempt.outcome is Kind.ACCEPTED:
        return Decision("accepted", attempt, event=MessageSent(message=_state(message, attempt)))
    if attempt.outcome is Kind.FAILED:
        return _failed(message, attempt, attempt.reason, undeliverable=undeliverable)
    pause = retry_after(message.attempts + 1, schedule=patience.retry_seconds, random=random, asked=asked)
    return _again(message, attempt, pause, patience=patience)


def decide_lost(message: LeasedMessage, attempt: Attempt, *, patience: Patience, random: float) -> Decision:
    """Of an attempt that broke off, so that its lease ran out; `random` lies in [0, 1).

    The lease was a pause already: after a first attempt that is enough. A message whose attempts always break off is
    left in peace longer and longer, and given up like any other.
    """
    pause = timedelta(0)
    if message.attempts:
        pause = retry_after(message.attempts, schedule=patience.retry_seconds, random=random)
    return _again(message, attempt, pause, patience=patience)


def is_too_old(message: LeasedMessage, at: datetime, *, patience: Patience) -> bool:
    """Whether a message that is not accepted by then has failed."""
    return at - message.sendable_from > patience.give_up_after


def is_too_late(message: LeasedMessage, at: datetime) -> bool:
    """Whether nobody needs it any more."""
    return message.useful_until is not None and at >= message.useful_until


def _failed(message: LeasedMessage, attempt: Attempt, why: str, *, undeliverable: bool = False) -> Decision:
    state = _state(message, attempt, failed=why, undeliverable=undeliverable)
    return Decision("failed", attempt, event=MessageFailed(message=state), why=why)


def _again(message: LeasedMessage, attempt: Attempt, pause: timedelta, *, patience: Patience) -> Decision:
    due_at = attempt.at + pause
    if is_too_late(message, due_at):
        return _failed(message, attempt, TOO_LATE)
    if is_too_old(message, due_at, patience=patience):
        return _failed(message, attempt, GAVE_UP)
    # Unknown: it may have been accepted. It goes again, and receivers know it by its Message-ID.
    return Decision("unknown" if attempt.outcome is Kind.UNKNOWN else "deferred", attempt, due_at=due_at)


def _state(
    message: LeasedMessage, attempt: Attempt, *, failed: str | None = None, undeliverable: bool = False
) -> MessageState:
    return MessageState(
        message_id=message.message_id,
        application_id=message.application_id,
        person_id=message.person_id,
        kind=message.kind,
        meeting_id=message.meeting_id,
        internet_message_id=message.internet_message_id,
        state="failed" if failed else "accepted",
        attempts=message.attempts + 1,
        created_at=message.created_at,
        decided_at=attempt.at,
        code=attempt.code,
        enhanced_code=attempt.enhanced,
        reason=failed,
        undeliverable=undeliverable,
        resend_of=message.resend_of,
    )
