"""The messages in MongoDB, with their leases; the view of courses stands in view_store.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError

from services.notifier import course_view
from services.notifier.message import COLLECTION, UNSENT, Attempt, DueMessage, LeasedMessage, NewMessage, State
from services.notifier.message_rows import attempt_row, leased_of, new_row, stored_of
from services.notifier.returns import returned
from services.notifier.returns.sent_mails import SentMails
from services.notifier.returns.store import Returns
from services.notifier.staff_note import NOTES_MAX, StaffNote, note_row
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress import suppression
from services.notifier.suppress.store import Suppressions
from services.notifier.timed import store as timed_store
from services.notifier.timed.store import Days
from services.notifier.view_store import Views
from shared import outbox
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, Client, Collection, Document, database_errors
from shared.outbox import PendingEvent, Waiting

DATABASE = "notifier"
DUPLICATE_KEY_CODE = 11000
EXPIRED_PAGE = 100
APPLICATION_MESSAGES_MAX = 1000
"""More messages of one application than this are not read; a long course has some hundred."""
_WAITING: tuple[State, ...] = ("pending", "deferred", "unknown")
_WITHOUT_LEASE = {"lease": "", "lease_until": ""}


async def create_indexes(client: Client) -> None:
    """All indexes of this service; may be repeated at any time."""
    await Messages(client[DATABASE][COLLECTION]).ensure_indexes()
    await Views(client[DATABASE][course_view.COLLECTION]).ensure_indexes()
    await Suppressions(client[DATABASE][suppression.COLLECTION]).ensure_indexes()
    await Days(client[DATABASE][timed_store.COLLECTION]).ensure_indexes()
    await Returns(client[DATABASE][returned.COLLECTION]).ensure_indexes()
    await SentMails(client[DATABASE][COLLECTION]).ensure_indexes()


class Messages:
    """`notifier.messages`.

    `due_at` is when a sender should look at a message next, `lease_until` how long the one that has it may be silent.
    A message has one of the two; one that is done has neither.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        """Sparse on scalars: documents that are done do not stand in the indexes that the loops ask."""
        with database_errors():
            await self._collection.create_index([("due_at", ASCENDING)], sparse=True, name="due_at")
            await self._collection.create_index([("lease_until", ASCENDING)], sparse=True, name="lease_until")
            await self._collection.create_index([("relay_at", ASCENDING)], sparse=True, name="relay_at")
            await self._collection.create_index([("application_id", ASCENDING)], name="application_id")

    async def insert(self, messages: Sequence[NewMessage]) -> int:
        """Put messages in; those that are there already stay as they are. Returns how many were new."""
        if not messages:
            return 0
        rows = [outbox.new_document(new_row(message), (), now=message.created_at) for message in messages]
        with database_errors():
            try:
                await self._collection.insert_many(rows, ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                faults = details.get("writeErrors", [])
                if any(fault["code"] != DUPLICATE_KEY_CODE for fault in faults) or details.get("writeConcernErrors"):
                    raise DependencyDownError("database") from error
                return len(rows) - len(faults)
        return len(rows)

    async def make_obsolete(self, application_id: str, pairs: Sequence[tuple[str, str]], *, before: int) -> None:
        """Mails of events `before` this one to these people about these things are wrong by now: none of them is begun any more.

        Mails of newer events stay, whoever calls: a process that lost its partition may come here late.
        """
        about = [{"person_id": person_id, "about": about} for person_id, about in pairs]
        unsent = {"application_id": application_id, "state": {"$in": list(UNSENT)}, "$or": about}
        with database_errors():
            await self._collection.update_many(
                {**unsent, "sequence": {"$not": {"$gte": before}}}, {"$set": {"obsolete": True}}
            )

    async def make_obsolete_elsewhere(self, application_id: str, person_id: str, *, addressee: str) -> None:
        """No mail to this person is begun any more that does not go to this address; `addressee` is its digest."""
        unsent = {"application_id": application_id, "person_id": person_id, "state": {"$in": list(UNSENT)}}
        with database_errors():
            await self._collection.update_many({**unsent, "addressee": {"$ne": addressee}}, {"$set": {"obsolete": True}})

    async def predecessor_in_hand(self, message: LeasedMessage) -> bool:
        """Whether an older mail to the same person about the same thing is being sent right now."""
        older = {
            "application_id": message.application_id,
            "person_id": message.person_id,
            "about": message.about,
            "state": "sending",
            "sequence": {"$lt": message.sequence},
        }
        with database_errors():
            return await self._collection.find_one(older, {"_id": 1}) is not None

    async def due(self, count: int, *, now: datetime) -> list[DueMessage]:
        """Up to `count` due messages, the longest due first. Whoever wants to send them leases them first."""
        with database_errors():
            cursor = self._collection.find({"due_at": {"$lte": now}}, {"due_at": 1, "domain": 1}).sort(
                "due_at", ASCENDING
            )
            rows = await cursor.limit(count).to_list(count)
        return [DueMessage(row["_id"], row["due_at"], row.get("domain", "")) for row in rows]

    async def lease(
        self, due: Sequence[DueMessage], *, lease: str, now: datetime, until: datetime
    ) -> list[LeasedMessage]:
        """Take those of these messages that nobody has taken meanwhile. Nobody else gets them before `until`."""
        due_at = {message.message_id: message.due_at for message in due}
        with database_errors():
            taken = await self._collection.update_many(
                {"_id": {"$in": list(due_at)}, "due_at": {"$lte": now}},
                {
                    "$set": {"state": "sending", "lease": lease, "lease_until": until},
                    "$unset": {"due_at": ""},
                    "$inc": {"version": 1},
                },
            )
            if not taken.matched_count:
                return []
            rows = await self._collection.find({"_id": {"$in": list(due_at)}, "lease": lease}).to_list(len(due_at))
        rows.sort(key=lambda row: due_at[row["_id"]])
        return [leased_of(row, due_at[row["_id"]]) for row in rows]

    async def renew(self, message_ids: Sequence[str], *, lease: str, until: datetime) -> int:
        """A sign of life for messages in hand; how many of them are still ours."""
        with database_errors():
            renewed = await self._collection.update_many(
                {"_id": {"$in": list(message_ids)}, "lease": lease}, {"$set": {"lease_until": until}}
            )
        return renewed.matched_count

    async def expired(self, *, now: datetime) -> list[LeasedMessage]:
        """Some messages whose sender gave no sign of life in time, the longest silent first."""
        with database_errors():
            cursor = self._collection.find({"lease_until": {"$lte": now}}).sort("lease_until", ASCENDING)
            rows = await cursor.limit(EXPIRED_PAGE).to_list(EXPIRED_PAGE)
        return [leased_of(row, row["lease_until"]) for row in rows]

    async def release(self, message: LeasedMessage, *, due_at: datetime) -> None:
        """Give a message back: nothing was tried, so this was no attempt, and the message is what it was before."""
        state: State = "pending"
        if message.attempts:
            state = "unknown" if message.unknown else "deferred"
        update = {
            "$set": {"state": state, "due_at": due_at},
            "$unset": _WITHOUT_LEASE,
            "$inc": {"version": 1},
        }
        with database_errors():
            await self._collection.update_one(_held(message), update)

    async def finish(
        self,
        message: LeasedMessage,
        *,
        state: State,
        attempt: Attempt | None,
        now: datetime,
        due_at: datetime | None,
        event: PendingEvent | None,
        expired_by: datetime | None = None,
    ) -> Waiting | None:
        """Store what came of an attempt, with its event, in one write. None: the lease was lost, somebody else has it.

        Without `due_at` the message is done. `expired_by`: only if its sender has given no sign of life since.
        """
        fields: dict[str, Any] = {"state": state} | ({"due_at": due_at} if due_at else {"decided_at": now})
        events = (event,) if event else ()
        silent: Document = {"lease_until": {"$lte": expired_by}} if expired_by else {}
        update = outbox.change(now=now, fields=fields, events=events, remove=tuple(_WITHOUT_LEASE))
        if attempt:
            update["$push"] = update.get("$push", {}) | {"attempts": attempt_row(attempt)}
        with database_errors():
            written = await self._collection.update_one(_held(message) | silent, update)
        if not written.matched_count:
            return None
        # A message has no event before its last: what was just pushed is all that its outbox holds.
        return Waiting(document_id=message.message_id, version=message.version + 1, events=events)

    async def find(self, message_id: str) -> StoredMessage | None:
        """One message as it is now."""
        with database_errors():
            row = await self._collection.find_one({"_id": message_id})
        return stored_of(row) if row else None

    async def of_application(self, application_id: str) -> list[StoredMessage]:
        """All messages of one application, the oldest first."""
        with database_errors():
            cursor = self._collection.find({"application_id": application_id}).sort(
                [("created_at", ASCENDING), ("_id", ASCENDING)]
            )
            rows = await cursor.limit(APPLICATION_MESSAGES_MAX).to_list(None)
        return [stored_of(row) for row in rows]

    async def stop(
        self,
        message_id: str,
        *,
        why: str,
        now: datetime,
        events: Sequence[PendingEvent] = (),
        note: StaffNote | None = None,
        version: int | None = None,
    ) -> Waiting | None:
        """Send a message never, if it waits; `why` is a word for staff. `note` stays with it.

        None: it is not there, is done, is in a sender's hands just now, or has another version than the one named.
        What is returned goes to the relay.
        """
        fields: Document = {"state": "stopped", "why": why, "decided_at": now}
        update = outbox.change(now=now, fields=fields, events=events, remove=("due_at",))
        return await self._change_waiting(message_id, update, note=note, version=version)

    async def move(
        self,
        message_id: str,
        *,
        due_at: datetime,
        now: datetime,
        events: Sequence[PendingEvent] = (),
        note: StaffNote | None = None,
        version: int | None = None,
    ) -> Waiting | None:
        """Have a message that waits looked at at another time; its attempts and age stay. None and result as `stop`."""
        update = outbox.change(now=now, fields={"due_at": due_at}, events=events)
        return await self._change_waiting(message_id, update, note=note, version=version)

    async def insert_again(self, message: NewMessage, *, note: StaffNote, events: Sequence[PendingEvent]) -> Waiting:
        """Put in a message that staff have sent again, with what they did; one that is there already stays as it is.

        The older one names it from then on. What is returned goes to the relay.
        """
        row = outbox.new_document({**new_row(message), "notes": [note_row(note)]}, events, now=message.created_at)
        try:
            with database_errors():
                await self._collection.insert_one(row)
        except AlreadyThereError:
            row = {**row, "outbox": []}
        with database_errors():
            await self._collection.update_one({"_id": message.resend_of}, {"$set": {"resent_as": message.message_id}})
        return outbox.waiting(row)

    async def _change_waiting(
        self, message_id: str, update: Document, *, note: StaffNote | None, version: int | None
    ) -> Waiting | None:
        waits = {
            "_id": message_id,
            "state": {"$in": list(_WAITING)},
            f"outbox.{outbox.OUTBOX_EVENTS_MAX - 1}": {"$exists": False},
        } | ({} if version is None else {"version": version})
        if note is not None:
            kept = {"$each": [note_row(note)], "$slice": -NOTES_MAX}
            update["$push"] = update.get("$push", {}) | {"notes": kept}
        with database_errors():
            row = await self._collection.find_one_and_update(waits, update, return_document=True)
        return outbox.waiting(row) if row else None


def _held(message: LeasedMessage) -> Document:
    return {**outbox.guard(message.message_id, message.version), "lease": message.lease}
