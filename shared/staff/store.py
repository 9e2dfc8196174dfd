"""The database of all services' log-in: who is logged in, and how often somebody tried. Both go away by themselves."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from pymongo import ReturnDocument

from shared import mongo
from shared.mongo import AlreadyThereError, Document, database_errors

DATABASE: Final = "staff"
SESSIONS: Final = "sessions"
ATTEMPTS: Final = "attempts"


async def create_indexes(client: mongo.Client) -> None:
    """Both collections are emptied by the server of what is over; until then the code passes it over.

    Raises:
        DependencyDownError: the database does not answer.

    """
    with database_errors():
        for name in (SESSIONS, ATTEMPTS):
            await client[DATABASE][name].create_index([("expires_at", 1)], name="expiry", expireAfterSeconds=0)


class SessionStore:
    """`staff.sessions`; `_id` is the digest of what stands in the cookie."""

    def __init__(self, client: mongo.Client) -> None:
        self._sessions = client[DATABASE][SESSIONS]

    async def add(self, row: Document) -> None:
        with database_errors():
            await self._sessions.insert_one(row)

    async def find(self, digest: str) -> Document | None:
        with database_errors():
            return await self._sessions.find_one({"_id": digest})

    async def prolong(self, digest: str, *, seen_at: datetime, expires_at: datetime) -> None:
        """Nothing happens where it has been ended meanwhile."""
        with database_errors():
            await self._sessions.update_one({"_id": digest}, {"$set": {"seen_at": seen_at, "expires_at": expires_at}})

    async def remove(self, digest: str) -> Document | None:
        """What was removed, if it was there."""
        with database_errors():
            return await self._sessions.find_one_and_delete({"_id": digest})


class AttemptStore:
    """`staff.attempts`: counters, each for one stretch of time."""

    def __init__(self, client: mongo.Client) -> None:
        self._attempts = client[DATABASE][ATTEMPTS]

    async def count(self, key: str, *, expires_at: datetime) -> int:
        """Add one, and return how many that makes, over all processes."""
        while True:
            with database_errors():
                row = await self._attempts.find_one_and_update(
                    {"_id": key}, {"$inc": {"count": 1}}, return_document=ReturnDocument.AFTER
                )
            if row is not None:
                return int(row["count"])
            # Another process may make it first: then it is there to be counted up.
            with suppress(AlreadyThereError), database_errors():
                await self._attempts.insert_one({"_id": key, "count": 1, "expires_at": expires_at})
                return 1

    async def forget(self, keys: Sequence[str]) -> None:
        with database_errors():
            await self._attempts.delete_many({"_id": {"$in": list(keys)}})

    async def give_back(self, keys: Sequence[str]) -> None:
        """Take one off each."""
        with database_errors():
            await self._attempts.update_many({"_id": {"$in": list(keys)}}, {"$inc": {"count": -1}})
