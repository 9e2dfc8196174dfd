"""How consultants' calendars lie in MongoDB: one document per consultant, whoever reads it holding a lease.

Staff's acts raise the version and are told by events; what a reading finds is written under its lease, and tells nobody.
"""

from datetime import datetime

from pymongo import ReturnDocument

from services.scheduler.calendars.busy import Busy
from services.scheduler.calendars.source import CalendarSource
from shared.mongo import Collection, Database, Document, database_errors
from shared.outbox import guard

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
ENTERED = ("secret", "set_at", "due_at", "lease", "busy", "busy_half_hours", *READ_BY_US)


class CalendarStore:
    """Every method raises DependencyDownError while the database is away."""

    def __init__(self, database: Database) -> None:
        self.calendars: Collection = database["calendars"]

    async def ensure_indexes(self) -> None:
        with database_errors():
            for field in ("due_at", "relay_at"):
                await self.calendars.create_index(field, name=field, sparse=True)

    async def head(self, consultant_id: str) -> Document | None:
        """Version and number of staff's acts; also where there is no calendar any more, but was one."""
        with database_errors():
            found: Document | None = await self.calendars.find_one({"_id": consultant_id}, {"version": 1, "acts": 1})
        return found

    async def insert(self, document: Document) -> Document:
        """Write the first document of a consultant. Raises AlreadyThereError."""
        with database_errors():
            await self.calendars.insert_one(document)
        return document

    async def change(self, consultant_id: str, version: int, update: Document) -> Document | None:
        """Change one that nobody has entered or removed since; None where somebody has. Reading a calendar is no such change."""
        with database_errors():
            changed: Document | None = await self.calendars.find_one_and_update(
                guard(consultant_id, version), update, return_document=ReturnDocument.AFTER
            )
        return changed

    async def hurry(self, consultant_id: str, now: datetime) -> None:
        """Have it read again as soon as nobody is at it."""
        with database_errors():
            await self.calendars.update_one(
                {"_id": consultant_id, "lease": {"$exists": False}}, {"$set": {"due_at": now}}
            )

    async def forget(self, consultant_id: str) -> None:
        """Of somebody who is there no more; what staff did may still have to be published."""
        with database_errors():
            await self.calendars.update_one({"_id": consultant_id}, {"$unset": dict.fromkeys(ENTERED, "")})

    async def find(self, consultant_id: str) -> CalendarSource | None:
        with database_errors():
            document = await self.calendars.find_one({"_id": consultant_id, "secret": {"$exists": True}})
        return None if document is None else CalendarSource.of(document)

    async def all_sources(self) -> list[CalendarSource]:
        """Every calendar, without its busy half hours."""
        with database_errors():
            documents = (
                await self.calendars.find({"secret": {"$exists": True}}, {"busy": 0, "outbox": 0})
                .sort("_id", 1)
                .to_list(None)
            )
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
