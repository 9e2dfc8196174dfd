"""Reports about mails that came back, until they were acted on, in MongoDB: `notifier.returns`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError

from services.notifier.returns.returned import Returned
from shared.errors import DependencyDownError
from shared.mongo import Collection, Document, database_errors

PAGE: Final = 100
_DUPLICATE_KEY_CODE: Final = 11000
_FIELDS: Final = ("application_id", "message_id", "action", "status", "at", "taken_in_at", "traceparent", "tries")


class Returns:
    """`notifier.returns`; a row goes once it was acted on. `due_at` is when somebody should look at it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self._collection.create_index([("due_at", ASCENDING)], name="due_at")

    async def insert(self, returned: Sequence[Returned]) -> None:
        """Put reports in; those that are there already stay as they are."""
        if not returned:
            return
        with database_errors():
            try:
                await self._collection.insert_many([_row(one) for one in returned], ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                faults = details.get("writeErrors", [])
                others = any(fault["code"] != _DUPLICATE_KEY_CODE for fault in faults)
                if others or details.get("writeConcernErrors"):
                    raise DependencyDownError("database") from error

    async def due(self, *, now: datetime) -> list[Returned]:
        """Some of those to look at by now, the longest due first."""
        with database_errors():
            rows = await self._collection.find({"due_at": {"$lte": now}}).sort("due_at", ASCENDING).to_list(PAGE)
        return [Returned(id=row["_id"], **{name: row[name] for name in _FIELDS}) for row in rows]

    async def put_off(self, returned_id: str, *, until: datetime) -> None:
        """Look at it again then, and count that."""
        with database_errors():
            await self._collection.update_one({"_id": returned_id}, {"$set": {"due_at": until}, "$inc": {"tries": 1}})

    async def remove(self, returned_id: str) -> None:
        with database_errors():
            await self._collection.delete_one({"_id": returned_id})


def _row(one: Returned) -> Document:
    return {"_id": one.id, "due_at": one.taken_in_at, **{name: getattr(one, name) for name in _FIELDS}}
