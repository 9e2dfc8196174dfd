"""The drafts in intake's database: sealed content under digests, so that nothing in a document says whose it is."""

import os
from datetime import datetime

from pymongo import ReturnDocument

from services.intake.form.draft import COLLECTION, Browser, Draft
from shared import mongo
from shared.mongo import database_errors
from shared.sealing import NONCE_BYTES, SealBrokenError, Sealed

DATABASE = "intake"


class DraftStore:
    """Every operation raises DependencyDownError if the database does not answer."""

    def __init__(self, client: mongo.Client) -> None:
        self._drafts = client[DATABASE][COLLECTION]

    async def insert(self, draft: Draft, browser: Browser, *, until: datetime) -> None:
        document = {
            "_id": browser.document_id(draft.id),
            "browser": browser.digest,
            "content": browser.seal(draft, nonce=os.urandom(NONCE_BYTES)).model_dump(),
            "until": until,
            "version": 1,
        }
        with database_errors():
            await self._drafts.insert_one(document)

    async def change(self, draft: Draft, browser: Browser, *, until: datetime) -> bool:
        """Store the draft in place of the version that was read; False if somebody else was quicker, or it is gone."""
        document_id = browser.document_id(draft.id)
        with database_errors():
            found = await self._drafts.find_one_and_update(
                {"_id": document_id, "version": draft.version},
                {
                    "$set": {
                        "content": browser.seal(draft, nonce=os.urandom(NONCE_BYTES)).model_dump(),
                        "until": until,
                    },
                    "$inc": {"version": 1},
                },
                return_document=ReturnDocument.AFTER,
                projection={"_id": 1},
            )
        return found is not None

    async def draft(self, draft_id: str, browser: Browser, *, now: datetime) -> Draft | None:
        with database_errors():
            row = await self._drafts.find_one({"_id": browser.document_id(draft_id), "until": {"$gt": now}})
        return _draft(row, browser) if row else None

    async def drafts(self, browser: Browser, *, now: datetime) -> list[Draft]:
        """All of one browser, the one saved last first."""
        with database_errors():
            rows = await self._drafts.find({"browser": browser.digest, "until": {"$gt": now}}).to_list(None)
        found = [draft for row in rows if (draft := _draft(row, browser))]
        return sorted(found, key=lambda draft: draft.saved_at, reverse=True)

    async def delete(self, draft_id: str, browser: Browser) -> None:
        with database_errors():
            await self._drafts.delete_one({"_id": browser.document_id(draft_id)})

    async def drop_old(self, now: datetime) -> None:
        """Remove what nobody came back to in time."""
        with database_errors():
            await self._drafts.delete_many({"until": {"$lte": now}})


async def create_indexes(database: mongo.Database) -> None:
    with database_errors():
        await database[COLLECTION].create_index("browser")
        await database[COLLECTION].create_index("until")


def _draft(row: mongo.Document, browser: Browser) -> Draft | None:
    try:
        sealed = Sealed.model_validate(row["content"])
        return browser.unseal(sealed, document_id=row["_id"], version=row["version"])
    except (SealBrokenError, ValueError, KeyError, TypeError):
        # Altered, or written by an older program that knew other steps: as good as gone.
        return None
