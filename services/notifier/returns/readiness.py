"""Whether a report can be about a message as it is, and when the message was taken. Pure."""

from datetime import datetime
from typing import Literal

from services.notifier.classify import Kind
from services.notifier.stored_message import StoredMessage

Readiness = Literal["ready", "waits", "never"]


def readiness(message: StoredMessage) -> Readiness:
    """Whether a report can be about the message as it is.

    Of an `unknown` one it proves that the next server took it. In a sender's hands it waits for what comes of it: whoever
    sends it may be about to write down just that.
    """
    if message.state == "accepted":
        return "ready"
    if message.state in ("bounced", "failed", "stopped"):
        return "never"
    was_taken = any(attempt.outcome == Kind.UNKNOWN.value for attempt in message.attempts)
    return "ready" if was_taken and message.state != "sending" else "waits"


def sent_at(message: StoredMessage) -> datetime:
    """When the next server took it, as far as is known."""
    if message.decided_at is not None:
        return message.decided_at
    return message.attempts[-1].at if message.attempts else message.created_at
