"""The monitor's database: what was seen, one document a record, for a limited time. Nothing else in this service knows MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError

from services.monitor.sighting import Sighting
from shared import mongo
from shared.errors import DependencyDownError
from shared.mongo import Document, database_errors

DATABASE = "monitor"
COLLECTION = "events"
DUPLICATE_KEY_CODE = 11000
# One reference belongs to one application; more would be a fault of its producer.
APPLICATIONS_PER_REFERENCE_MAX = 10
FIELDS = frozenset(row.name for row in fields(Sighting))


async def create_indexes(client: mongo.Client) -> None:
    """Make the indexes that are missing. `_id` is the record's place in Kafka, so no record is kept twice.

    Raises:
        DependencyDownError: the database does not answer.

    """
    events = client[DATABASE][COLLECTION]
    with database_errors():
        await events.create_index([("number", DESCENDING)], name="number")
        await events.create_index([("topic", ASCENDING), ("number", DESCENDING)], name="topic_number")
        await events.create_index([("application_id", ASCENDING), ("number", DESCENDING)], name="application_number")
        await events.create_index([("reference", ASCENDING)], name="reference")


class Store:
    """`monitor.events`."""

    def __init__(self, client: mongo.Client) -> None:
        self._events = client[DATABASE][COLLECTION]

    async def keep(self, seen: Sequence[Sighting]) -> list[int]:
        """Put them in; those that are there already stay. Returns the places in `seen` of what the database refuses for good.

        Raises:
            DependencyDownError: the database does not answer; some may be kept, all may be tried again.

        """
        if not seen:
            return []
        rows = [_row(one) for one in seen]
        faults: list[dict[str, Any]] = []
        with database_errors():
            try:
                await self._events.insert_many(rows, ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                faults = details.get("writeErrors", [])
                if details.get("writeConcernErrors") or not faults:
                    raise DependencyDownError("database") from error
            for fault in faults:
                if fault["code"] == DUPLICATE_KEY_CODE:
                    await self._replace_lost(rows[fault["index"]])
        return [fault["index"] for fault in faults if fault["code"] != DUPLICATE_KEY_CODE]

    async def _replace_lost(self, row: Document) -> None:
        """A broker that lost records gives their places to new ones; those take over here too."""
        found = await self._events.find_one({"_id": row["_id"]}, {"timestamp": 1, "ce_id": 1})
        if found is not None and (found["timestamp"], found.get("ce_id")) != (row["timestamp"], row["ce_id"]):
            await self._events.replace_one({"_id": row["_id"]}, row)

    async def last_number(self) -> int:
        """Of what was seen last; 0 before anything was seen."""
        with database_errors():
            row = await self._events.find_one({}, {"number": 1}, sort=[("number", DESCENDING)])
        return int(row["number"]) if row else 0

    async def seen_after(
        self, number: int, *, topic: str | None, reference: str | None, limit: int
    ) -> tuple[list[Sighting], bool]:
        """The first `limit` after this number, in the order in which they were seen; and whether there are more."""
        wanted = await self._filter(topic, reference) | {"number": {"$gt": number}}
        rows = await self._find(wanted, limit + 1, ASCENDING)
        return [_sighting(row) for row in rows[:limit]], len(rows) > limit

    async def seen_last(self, *, topic: str | None, reference: str | None, limit: int) -> list[Sighting]:
        """The last `limit`, in the order in which they were seen."""
        rows = await self._find(await self._filter(topic, reference), limit, DESCENDING)
        return [_sighting(row) for row in reversed(rows)]

    async def one(self, place: str) -> Sighting | None:
        """With its body. `place` is `Sighting.id`."""
        with database_errors():
            row = await self._events.find_one({"_id": place})
        return _sighting(row) if row else None

    async def timestamps(self, places: Collection[str]) -> dict[str, int]:
        """When these records were written, as far as they are kept; milliseconds since 1970."""
        with database_errors():
            rows = await self._events.find({"_id": {"$in": list(places)}}, {"timestamp": 1}).to_list(len(places))
        return {row["_id"]: int(row["timestamp"]) for row in rows}

    async def references(self, application_ids: Collection[str]) -> dict[str, str]:
        """The reference of each application that is known."""
        wanted = {"application_id": {"$in": list(application_ids)}, "reference": {"$gt": ""}}
        with database_errors():
            rows = await self._events.aggregate(
                [{"$match": wanted}, {"$group": {"_id": "$application_id", "reference": {"$first": "$reference"}}}]
            ).to_list(len(application_ids))
        return {row["_id"]: row["reference"] for row in rows}

    async def prune(self, *, before_number: int, events_max: int) -> int:
        """Remove what is older, and the oldest of what is too many; how many that were."""
        with database_errors():
            row = await self._events.find_one({}, {"number": 1}, sort=[("number", DESCENDING)], skip=events_max)
            oldest_kept = max(before_number, row["number"] + 1 if row else 0)
            gone = await self._events.delete_many({"number": {"$lt": oldest_kept}})
        return int(gone.deleted_count)

    async def _find(self, wanted: Mapping[str, Any], limit: int, direction: int) -> list[Document]:
        with database_errors():
            cursor = self._events.find(wanted, {"body": 0}).sort("number", direction).limit(limit)
            return await cursor.to_list(limit)

    async def _filter(self, topic: str | None, reference: str | None) -> dict[str, Any]:
        wanted: dict[str, Any] = {"topic": topic} if topic else {}
        if reference:
            # Messages carry the application's id only.
            with database_errors():
                ids = await self._events.distinct("application_id", {"reference": reference})
            wanted["application_id"] = {"$in": [each for each in ids if each][:APPLICATIONS_PER_REFERENCE_MAX]}
        return wanted


def _row(seen: Sighting) -> Document:
    return {"_id": seen.id} | asdict(seen)


def _sighting(row: Document) -> Sighting:
    return Sighting(**{name: value for name, value in row.items() if name in FIELDS})
