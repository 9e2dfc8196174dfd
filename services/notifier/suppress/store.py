"""The addresses that take no mail, in MongoDB: `notifier.suppressions`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.notifier.suppress.suppression import Evidence, Page, Suppression
from shared import outbox
from shared.mongo import AlreadyThereError, Collection, Document, database_errors
from shared.outbox import PendingEvent, Waiting
from shared.sealing import Sealed

PAGE: Final = 50
PEOPLE_MAX: Final = 100
"""So many people are noted beside one address."""
_LIFTING: Final = ("lifted_at", "lifted_by", "lifted_reason")


class Suppressions:
    """`notifier.suppressions`; `_id` is the keyed digest of an address.

    `active_since` stands in those documents alone that are in force, and is what lists are ordered by.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self._collection.create_index(
                [("active_since", DESCENDING), ("_id", ASCENDING)], sparse=True, name="active_since"
            )
            await self._collection.create_index([("people", ASCENDING)], name="people")
            await self._collection.create_index([("relay_at", ASCENDING)], sparse=True, name="relay_at")

    async def add(self, evidence: Evidence) -> bool:
        """Leave the address alone from now on. False: staff said after that mail that it takes mail again."""
        fields = _fields(evidence)
        row = {"_id": evidence.digest, "people": [evidence.person_id], "acts": 0, **fields}
        try:
            with database_errors():
                await self._collection.insert_one(outbox.new_document(row, (), now=evidence.at))
        except AlreadyThereError:
            return await self._add_again(evidence, fields)
        return True

    async def note_person(self, digest: str, person_id: str) -> None:
        """One more person turned out to have this address."""
        room = {"_id": digest, f"people.{PEOPLE_MAX - 1}": {"$exists": False}}
        with database_errors():
            await self._collection.update_one(room, {"$addToSet": {"people": person_id}})

    async def is_active(self, digest: str) -> bool:
        with database_errors():
            found = await self._collection.find_one({"_id": digest, "active_since": {"$exists": True}}, {"_id": 1})
        return found is not None

    async def list(self, *, count: int = PAGE, after: str | None = None) -> Page:
        """A page of those in force, the newest first. `after`: as the page before gave it; a cursor nobody gave begins anew."""
        begin = await self._from(after)
        with database_errors():
            cursor = self._collection.find({"active_since": {"$exists": True}, **begin})
            rows = (
                await cursor.sort([("active_since", DESCENDING), ("_id", ASCENDING)])
                .limit(count + 1)
                .to_list(count + 1)
            )
        shown = tuple(_suppression(row) for row in rows[:count])
        return Page(shown, after=shown[-1].digest if len(rows) > count else None)

    async def count(self) -> int:
        """How many are in force."""
        with database_errors():
            return await self._collection.count_documents({"active_since": {"$exists": True}})

    async def find(self, digest: str) -> Suppression | None:
        """In force or lifted."""
        with database_errors():
            row = await self._collection.find_one({"_id": digest})
        return _suppression(row) if row else None

    async def of_people(self, person_ids: Iterable[str]) -> tuple[Suppression, ...]:
        """Those in force of addresses that any of these people had: whether it is the one that she has now, its digest tells."""
        with database_errors():
            cursor = self._collection.find({"people": {"$in": list(person_ids)}, "active_since": {"$exists": True}})
            return tuple(_suppression(row) for row in await cursor.sort("_id", ASCENDING).limit(PAGE).to_list(PAGE))

    async def of_digests(self, digests: Iterable[str]) -> dict[str, Suppression]:
        """Those in force among these, by digest."""
        with database_errors():
            cursor = self._collection.find({"_id": {"$in": list(digests)}, "active_since": {"$exists": True}})
            return {row["_id"]: _suppression(row) for row in await cursor.to_list(None)}

    async def lift(
        self,
        digest: str,
        *,
        by: str,
        at: datetime,
        reason: Sealed | None = None,
        events: Sequence[PendingEvent] = (),
        version: int | None = None,
    ) -> Waiting | None:
        """Let the address have mail again. `version`: only as it was read, where `events` are numbered after its `acts`.

        None: it is not in force, or has changed meanwhile.
        """
        now: Document = {"_id": digest, "active_since": {"$exists": True}}
        guarded = now | ({} if version is None else outbox.guard(digest, version))
        fields: dict[str, Any] = {
            "lifted_at": at,
            "lifted_by": by,
            "lifted_reason": reason.model_dump() if reason else None,
        }
        update = outbox.change(now=at, fields=fields, events=events, remove=("active_since",))
        update["$inc"] = update["$inc"] | {"acts": 1}
        with database_errors():
            row = await self._collection.find_one_and_update(guarded, update, return_document=True)
        return outbox.waiting(row) if row else None

    async def _add_again(self, evidence: Evidence, fields: Document) -> bool:
        lifted_before: Document = {"_id": evidence.digest, "lifted_at": {"$lt": evidence.sent_at}}
        update = outbox.change(now=evidence.at, fields=fields, remove=_LIFTING)
        update["$addToSet"] = {"people": evidence.person_id}
        with database_errors():
            written = await self._collection.update_one(lifted_before, update)
        if written.matched_count:
            return True
        await self.note_person(evidence.digest, evidence.person_id)
        return await self.is_active(evidence.digest)

    async def _from(self, after: str | None) -> Document:
        if after is None:
            return {}
        with database_errors():
            row = await self._collection.find_one({"_id": after}, {"since": 1})
        if row is None:
            return {}
        return {"$or": [{"active_since": {"$lt": row["since"]}}, {"active_since": row["since"], "_id": {"$gt": after}}]}


def _fields(evidence: Evidence) -> Document:
    return {
        "reason": evidence.reason,
        "code": evidence.code,
        "since": evidence.at,
        "active_since": evidence.at,
        "message_id": evidence.message_id,
        "application_id": evidence.application_id,
        "person_id": evidence.person_id,
        "address": evidence.address.model_dump() if evidence.address else None,
    }


def _suppression(row: Document) -> Suppression:
    names = ("reason", "code", "since", "message_id", "application_id", "person_id", "acts", "version")
    return Suppression(
        digest=row["_id"],
        people=tuple(row["people"]),
        address=Sealed.model_validate(row["address"]) if row["address"] else None,
        lifted_at=row.get("lifted_at"),
        lifted_by=row.get("lifted_by"),
        lifted_reason=Sealed.model_validate(row["lifted_reason"]) if row.get("lifted_reason") else None,
        **{name: row[name] for name in names},
    )
