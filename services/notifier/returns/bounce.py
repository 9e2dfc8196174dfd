"""What a report does to its message, in one guarded write each: it bounced, with its event, or it is delayed."""

import os
from datetime import datetime
from typing import Final, Literal

from services.notifier.attempt import SOURCE
from services.notifier.classify import Kind
from services.notifier.returns.judge import SentMail, Verdict
from services.notifier.stored_message import StoredMessage
from shared import ids, outbox, trace
from shared.events import MessageBounced, MessageState
from shared.mongo import Collection, Document, database_errors
from shared.outbox import PendingEvent, Waiting

SENT_MAX: Final = 200
"""More mails to one address are not looked at, the newest count."""

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
    return outbox.pending(
        MessageBounced(message=state),
        event_id=ids.uuid7(now, os.urandom(10)),
        source=SOURCE,
        subject=message.message_id,
        sequence=message.event_sequence + 1,
        now=now,
        traceparent=trace.current(),
        key=message.application_id,
    )


class SentMails:
    """`notifier.messages`, as far as what comes back needs them."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self._collection.create_index([("addressee", 1), ("decided_at", -1)], name="addressee_decided_at")

    async def to_address(self, addressee: str, *, since: datetime) -> list[SentMail]:
        """The mails that a server took for this address since then."""
        taken: Document = {
            "addressee": addressee,
            "decided_at": {"$gte": since},
            "state": {"$in": ["accepted", "bounced"]},
        }
        with database_errors():
            cursor = self._collection.find(taken, {"state": 1, "decided_at": 1}).sort("decided_at", -1)
            rows = await cursor.limit(SENT_MAX).to_list(SENT_MAX)
        return [SentMail(row["_id"], row["decided_at"], bounced=row["state"] == "bounced") for row in rows]

    async def bounce(
        self,
        message: StoredMessage,
        verdict: Verdict,
        event: PendingEvent,
        *,
        status: str | None,
        at: datetime,
        now: datetime,
    ) -> Waiting | None:
        """The message came back, and is not tried any more. None: it has changed since it was read."""
        fields: Document = {
            "state": "bounced",
            "decided_at": sent_at(message),
            "bounced_at": at,
            "bounce_reason": verdict.reason,
            "bounce_code": status,
        }
        update = outbox.change(now=now, fields=fields, events=(event,), remove=("due_at",))
        guard = {**outbox.guard(message.message_id, message.version), "state": message.state}
        with database_errors():
            row = await self._collection.find_one_and_update(guard, update, return_document=True)
        return outbox.waiting(row) if row else None

    async def note_delay(self, message_id: str, *, at: datetime) -> None:
        """Its next server keeps it, and goes on trying."""
        with database_errors():
            await self._collection.update_one({"_id": message_id}, {"$max": {"delayed_at": at}})
