"""The event of a message that came back."""

from datetime import datetime

from services.notifier.message_event import next_event
from services.notifier.returns.judge import Verdict
from services.notifier.stored_message import StoredMessage
from shared import trace
from shared.events import MessageBounced, MessageState
from shared.outbox import PendingEvent


def bounced_event(
    message: StoredMessage, verdict: Verdict, *, status: str | None, undeliverable: bool, at: datetime, now: datetime
) -> PendingEvent:
    """The message's next event."""
    state = MessageState(
        message_id=message.message_id,
        application_id=message.application_id,
        person_id=message.person_id,
        kind=message.kind,
        meeting_id=message.meeting_id,
        internet_message_id=message.internet_message_id,
        state="bounced",
        attempts=len(message.attempts),
        created_at=message.created_at,
        decided_at=at,
        enhanced_code=status,
        reason=verdict.reason,
        undeliverable=undeliverable,
        resend_of=message.resend_of,
    )
    return next_event(message, MessageBounced(message=state), now=now, traceparent=trace.current())
