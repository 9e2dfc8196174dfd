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

        Each step is one guarded write, so that two senders never take the last place both. Most people have one mail a day, so
        the first of a day is tried first; a choice of conditions in one filter has some databases look at every document.
        """
        found = {"_id": f"{addressee}|{day}"}
        try:
            with database_errors():
                await self._collection.insert_one({**found, "day": day, "messages": [message_id]})
        except AlreadyThereError:
            pass
        else:
            return True
        room: Document = {} if places is None else {f"messages.{places - 1}": {"$exists": False}}
        with database_errors():
            taken = await self._collection.update_one({**found, **room}, {"$addToSet": {"messages": message_id}})
            if taken.matched_count:
                return True
            return await self._collection.find_one({**found, "messages": message_id}, {"_id": 1}) is not None

    async def tidy(self, now: datetime) -> None:
        """Remove what nobody counts with any more."""
        with database_errors():
            await self._collection.delete_many({"day": {"$lt": (now - timedelta(days=KEPT_DAYS)).date().isoformat()}})
