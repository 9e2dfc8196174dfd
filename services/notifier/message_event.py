"""The next event of a message, ready for the outbox of its document."""

import os
from datetime import datetime
from typing import Final

from services.notifier.message import LeasedMessage
from services.notifier.stored_message import StoredMessage
from shared import ids, outbox
from shared.events import MessageEvent
from shared.outbox import PendingEvent

SOURCE: Final = "/forloeb/notifier"


def next_event(
    message: LeasedMessage | StoredMessage, event: MessageEvent, *, now: datetime, traceparent: str
) -> PendingEvent:
    """Keyed by the application, in the message's own stream."""
    return outbox.pending(
        event,
        event_id=ids.uuid7(now, os.urandom(10)),
        source=SOURCE,
        subject=message.message_id,
        sequence=message.event_sequence + 1,
        now=now,
        traceparent=traceparent,
        key=message.application_id,
    )
