"""How many mails each addressee has had on each day: `notifier.days`, in MongoDB."""

from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING

from shared.mongo import AlreadyThereError, Collection, Document, database_errors

COLLECTION: Final = "days"
KEPT_DAYS: Final = 3


class Days:
    """One document per addressee and day: `_id` is "<digest of the address>|<date>", `messages` are the ids that count."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self._collection.create_index([("day", ASCENDING)], name="day")

    async def take(self, addressee: str, day: str, message_id: str, *, places: int | None) -> bool:
        """Whether the message has one of so many places of this day; the same message has it again. None: it takes one anyway.

        One guarded write, so that two senders never take the last place both.
        """
        wanted: Document = {"_id": f"{addressee}|{day}"}
        if places is not None:
            wanted["$or"] = [{"messages": message_id}, {f"messages.{places - 1}": {"$exists": False}}]
        update = {"$addToSet": {"messages": message_id}, "$setOnInsert": {"day": day}}
        try:
            with database_errors():
                await self._collection.update_one(wanted, update, upsert=True)
        except AlreadyThereError:
            # There is such a document, and it did not match: the day is full. Or somebody else has just made it.
            with database_errors():
                again = await self._collection.update_one(wanted, update)
            return bool(again.matched_count)
        return True

    async def tidy(self, now: datetime) -> None:
        """Remove what nobody counts with any more."""
        with database_errors():
            await self._collection.delete_many({"day": {"$lt": (now - timedelta(days=KEPT_DAYS)).date().isoformat()}})
