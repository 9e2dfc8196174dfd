"""What a report does to its message, in one guarded write each: it bounced, with its event, or it is delayed."""

from datetime import datetime
from typing import Final

from services.notifier.returns.judge import SentMail, Verdict
from services.notifier.returns.readiness import sent_at
from services.notifier.stored_message import StoredMessage
from shared import outbox
from shared.mongo import Collection, Document, database_errors
from shared.outbox import PendingEvent, Waiting

SENT_MAX: Final = 200
"""More mails to one address are not looked at, the newest count."""


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
