"""How consultants' calendars lie in MongoDB: one document per consultant, whoever works on it holding a lease."""

from datetime import datetime

from pymongo import ReturnDocument

from services.scheduler.calendars.busy import Busy
from services.scheduler.calendars.source import CalendarSource
from shared.mongo import Collection, Database, Document, database_errors

READ_BY_US = (
    "read_for",
    "good_at",
    "failing_since",
    "reason",
    "changed_much_at",
    "events",
    "occurrences",
    "unreadable",
)


class CalendarStore:
    """Every method raises DependencyDownError while the database is away."""

    def __init__(self, database: Database) -> None:
        self.calendars: Collection = database["calendars"]

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self.calendars.create_index("due_at", name="due_at")

    async def enter(self, consultant_id: str, fields: Document) -> None:
        """A new address. Busy half hours of an earlier one stay until this one is read; a reading under way counts no more."""
        unset = dict.fromkeys((*READ_BY_US, "lease"), "")
        with database_errors():
            await self.calendars.update_one({"_id": consultant_id}, {"$set": fields, "$unset": unset}, upsert=True)

    async def hurry(self, consultant_id: str, now: datetime) -> None:
        """Have it read again as soon as nobody is at it."""
        with database_errors():
            await self.calendars.update_one(
                {"_id": consultant_id, "lease": {"$exists": False}}, {"$set": {"due_at": now}}
            )

    async def remove(self, consultant_id: str) -> bool:
        with database_errors():
            result = await self.calendars.delete_one({"_id": consultant_id})
        return result.deleted_count == 1

    async def find(self, consultant_id: str) -> CalendarSource | None:
        with database_errors():
            document = await self.calendars.find_one({"_id": consultant_id})
        return None if document is None else CalendarSource.of(document)

    async def all_sources(self) -> list[CalendarSource]:
        """Every calendar, without its busy half hours."""
        with database_errors():
            documents = await self.calendars.find({}, {"busy": 0}).sort("_id", 1).to_list(None)
        return [CalendarSource.of(document) for document in documents]

    async def take_due(self, now: datetime, *, until: datetime, lease: str) -> CalendarSource | None:
        """The calendar that has been due longest. Nobody else gets it before `until`, or before it is saved."""
        with database_errors():
            document: Document | None = await self.calendars.find_one_and_update(
                {"due_at": {"$lte": now}},
                {"$set": {"due_at": until, "lease": lease}},
                sort=[("due_at", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else CalendarSource.of(document)

    async def save(self, consultant_id: str, lease: str, fields: Document, *, unset: tuple[str, ...] = ()) -> bool:
        """What a reading found; False where the lease is lost: the address was changed, or it took too long."""
        update = {"$set": fields, "$unset": dict.fromkeys((*unset, "lease"), "")}
        with database_errors():
            result = await self.calendars.update_one({"_id": consultant_id, "lease": lease}, update)
        return result.matched_count == 1

    async def busy(self) -> dict[str, Busy]:
        """Busy half hours by consultant."""
        with database_errors():
            rows = await self.calendars.find({"busy": {"$exists": True}}, {"busy": 1}).to_list(None)
        return {row["_id"]: Busy.of_document(row["busy"]) for row in rows}

    async def busy_of(self, consultant_id: str) -> Busy | None:
        with database_errors():
            row = await self.calendars.find_one({"_id": consultant_id}, {"busy": 1})
        return Busy.of_document(row["busy"]) if row is not None and "busy" in row else None
