"""What becomes of a message after an attempt: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.classify import Kind
from services.notifier.message import Attempt, LeasedMessage, State
from services.notifier.retrying import retry_after
from shared.events import MessageEvent, MessageFailed, MessageSent, MessageState


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a message is tried: the pauses between attempts in seconds, and the age at which it has failed."""

    retry_seconds: Sequence[float]
    give_up_after: timedelta


@dataclass(frozen=True, slots=True)
class Decision:
    """Without `due_at` the message is done, and `event` says so to the others."""

    state: State
    attempt: Attempt
    due_at: datetime | None = None
    event: MessageEvent | None = None


def decide(message: LeasedMessage, attempt: Attempt, *, patience: Patience, random: float) -> Decision:
    """Of an attempt that said something about the message; `random` lies in [0, 1). Not for troubles of the channel."""
    if attempt.outcome is Kind.ACCEPTED:
        return Decision("accepted", attempt, event=MessageSent(message=_state(message, attempt, accepted=True)))
    if attempt.outcome is Kind.FAILED:
        return _failed(message, attempt)
    pause = retry_after(message.attempts + 1, schedule=patience.retry_seconds, random=random)
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


def _failed(message: LeasedMessage, attempt: Attempt) -> Decision:
    return Decision("failed", attempt, event=MessageFailed(message=_state(message, attempt, accepted=False)))


def _again(message: LeasedMessage, attempt: Attempt, pause: timedelta, *, patience: Patience) -> Decision:
    due_at = attempt.at + pause
    if due_at - message.created_at > patience.give_up_after:
        return _failed(message, attempt)
    # Unknown: it may have been accepted. It goes again, and receivers know it by its Message-ID.
    return Decision("unknown" if attempt.outcome is Kind.UNKNOWN else "deferred", attempt, due_at=due_at)


def _state(message: LeasedMessage, attempt: Attempt, *, accepted: bool) -> MessageState:
    return MessageState(
        message_id=message.message_id,
        application_id=message.application_id,
        person_id=message.person_id,
        kind=message.kind,
        meeting_id=message.meeting_id,
        internet_message_id=message.internet_message_id,
        state="accepted" if accepted else "failed",
        attempts=message.attempts + 1,
        created_at=message.created_at,
        decided_at=attempt.at,
        code=attempt.code,
        enhanced_code=attempt.enhanced,
    )
