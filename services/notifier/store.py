"""The messages in MongoDB; what senders need stands in lease_store.py, the view of courses in view_store.py."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError

from services.notifier import course_view
from services.notifier.lease_store import Leases
from services.notifier.message import COLLECTION, UNSENT, NewMessage, State
from services.notifier.message_rows import new_row, stored_of
from services.notifier.planned import TO_OLD_ADDRESS
from services.notifier.returns import returned
from services.notifier.returns.sent_mails import SentMails
from services.notifier.returns.store import Returns
from services.notifier.staff.message_lists import MessageLists
from services.notifier.staff_note import NOTES_MAX, StaffNote, note_row
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress import suppression
from services.notifier.suppress.store import Suppressions
from services.notifier.timed import store as timed_store
from services.notifier.timed.store import Days
from services.notifier.view_store import Views
from shared import outbox
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, Client, Document, database_errors
from shared.outbox import PendingEvent, Waiting

DATABASE = "notifier"
DUPLICATE_KEY_CODE = 11000
APPLICATION_MESSAGES_MAX = 1000
"""More messages of one application than this are not read; a long course has some hundred."""
_TRIED: tuple[State, ...] = ("deferred", "unknown")
_WAITING: tuple[State, ...] = ("pending", *_TRIED)


async def create_indexes(client: Client) -> None:
    """All indexes of this service; may be repeated at any time."""
    await Messages(client[DATABASE][COLLECTION]).ensure_indexes()
    await Views(client[DATABASE][course_view.COLLECTION]).ensure_indexes()
    await MessageLists(client[DATABASE][COLLECTION]).ensure_indexes()
    await Suppressions(client[DATABASE][suppression.COLLECTION]).ensure_indexes()
    await Days(client[DATABASE][timed_store.COLLECTION]).ensure_indexes()
    await Returns(client[DATABASE][returned.COLLECTION]).ensure_indexes()
    await SentMails(client[DATABASE][COLLECTION]).ensure_indexes()


class Messages(Leases):
    """`notifier.messages`, for who tells people, for staff and for senders."""

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
        await self._leave(application_id, person_id, {"$ne": addressee})

    async def make_obsolete_at(self, application_id: str, person_id: str, *, addressees: Sequence[str]) -> None:
        """No mail to this person is begun any more that goes to one of these addresses; `addressees` are their digests."""
        await self._leave(application_id, person_id, {"$in": [*addressees, "", None]})

    async def _leave(self, application_id: str, person_id: str, addressee: Document) -> None:
        """What did not arrive at an address that the person has left needs nobody any more: it is told anew elsewhere."""
        unsent = _meant_for_now(application_id, person_id)
        missed = {"application_id": application_id, "person_id": person_id, "state": {"$in": ["failed", "bounced"]}}
        with database_errors():
            await self._collection.update_many({**unsent, "addressee": addressee}, {"$set": {"obsolete": True}})
            await self._collection.update_many({**missed, "addressee": addressee}, {"$set": {"left_behind": True}})

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
        return await self._change_waiting(message_id, update, note=note, version=version, states=_WAITING)

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
        """Have a message that waits looked at at another time; its attempts stay. None and result as `stop`."""
        untried = outbox.change(now=now, fields={"due_at": due_at, "not_before": due_at}, events=events)
        moved = await self._change_waiting(message_id, untried, note=note, version=version, states=("pending",))
        if moved is not None:
            return moved
        # It was tried already: its age goes on from then.
        tried = outbox.change(now=now, fields={"due_at": due_at}, events=events)
        return await self._change_waiting(message_id, tried, note=note, version=version, states=_TRIED)

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
        self,
        message_id: str,
        update: Document,
        *,
        note: StaffNote | None,
        version: int | None,
        states: Sequence[State],
    ) -> Waiting | None:
        waits = {
            "_id": message_id,
            "state": {"$in": list(states)},
            f"outbox.{outbox.OUTBOX_EVENTS_MAX - 1}": {"$exists": False},
        } | ({} if version is None else {"version": version})
        if note is not None:
            kept = {"$each": [note_row(note)], "$slice": -NOTES_MAX}
            update["$push"] = update.get("$push", {}) | {"notes": kept}
        with database_errors():
            row = await self._collection.find_one_and_update(waits, update, return_document=True)
        return outbox.waiting(row) if row else None


def _meant_for_now(application_id: str, person_id: str) -> Document:
    """The unsent mails to somebody, but for what is meant for the address of before."""
    return {
        "application_id": application_id,
        "person_id": person_id,
        "state": {"$in": list(UNSENT)},
        "kind": {"$ne": TO_OLD_ADDRESS},
    }
