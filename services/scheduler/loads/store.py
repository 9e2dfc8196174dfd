"""How recorded loads lie in MongoDB: one document per month and consultant."""

from services.scheduler.loads.report import Load, RecordedLoad
from shared.mongo import Collection, Database, Document, database_errors


class LoadStore:
    """Every method raises DependencyDownError while the database is away."""

    def __init__(self, database: Database) -> None:
        self.loads: Collection = database["loads"]

    async def ensure_indexes(self) -> None:
        with database_errors():
            await self.loads.create_index("month", name="month")
            # Stands there until the month has ended.
            await self.loads.create_index("open", name="open", sparse=True)

    async def between(self, first: str, last: str) -> list[RecordedLoad]:
        """What is recorded of the months from `first` to `last`, both included."""
        return await self._find({"month": {"$gte": first, "$lte": last}})

    async def not_ended(self) -> list[RecordedLoad]:
        return await self._find({"open": True})

    async def put(self, one: RecordedLoad) -> None:
        """Write it, in the place of what was recorded of that month and consultant."""
        with database_errors():
            await self.loads.replace_one({"_id": _id(one)}, _document(one), upsert=True)

    async def _find(self, query: Document) -> list[RecordedLoad]:
        with database_errors():
            return [_recorded(row) for row in await self.loads.find(query).sort("_id", 1).to_list(None)]


def _id(one: RecordedLoad) -> str:
    return f"{one.month}|{one.consultant}"


def _document(one: RecordedLoad) -> Document:
    document: Document = {
        "month": one.month,
        "consultant": one.consultant,
        "available_minutes": one.available_minutes,
    }
    if one.ended is None:
        return {**document, "open": True, "by_course": one.by_course}
    return {**document, "courses": one.ended.courses, "claimed_minutes": one.ended.claimed_minutes}


def _recorded(row: Document) -> RecordedLoad:
    available: int = row["available_minutes"]
    ended = None if "open" in row else Load(row["consultant"], row["courses"], row["claimed_minutes"], available)
    return RecordedLoad(row["month"], row["consultant"], available, row.get("by_course", {}), ended)
