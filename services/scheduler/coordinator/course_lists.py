"""Reads lists of courses for the pages: counts by state, and the courses of one state without anybody's data."""

import re
from typing import Final

from services.scheduler.coordinator.list_rows import FOR_STAFF, Which
from services.scheduler.course import StoredCourse
from shared.mongo import Collection, Document, database_errors

ROWS_MAX: Final = 2_000
"""Courses of one state that a list holds; of more, the newest."""
REFERENCE_CHARACTERS_MAX: Final = 40
_LEFT_OUT: Final = dict.fromkeys(("outbox", "claims", "people", "matter", "decision", "history", "holders"), 0)


class CourseLists:
    """Never writes. Every method raises DependencyDownError while the database is away."""

    def __init__(self, courses: Collection) -> None:
        self._courses = courses

    async def counts(self) -> dict[str, int]:
        """How many courses there are by state, and how many wait for staff with what."""
        pipeline: list[Document] = [{"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        with database_errors():
            counts = {row["_id"]: row["count"] async for row in self._courses.aggregate(pipeline)}
            for name in FOR_STAFF:
                counts[name] = await self._courses.count_documents({"for_staff": name})
        return counts

    async def of_state(self, which: Which) -> list[StoredCourse]:
        """The courses in one state, or that wait for staff, those decided last first, at most ROWS_MAX."""
        query = {"for_staff": which} if which in FOR_STAFF else {"state": which}
        with database_errors():
            rows = await self._courses.find(query, _LEFT_OUT).sort([("decided_at", -1)]).limit(ROWS_MAX).to_list(None)
        return [StoredCourse.of(row) for row in rows]

    async def by_reference(self, typed: str) -> str | None:
        """Id of the course with this reference number, as somebody may type it; None where there is none."""
        reference = re.sub(r"\s", "", typed).upper()
        if not reference or len(reference) > REFERENCE_CHARACTERS_MAX:
            return None
        with database_errors():
            row = await self._courses.find_one({"request.reference": reference}, {"_id": 1})
        return None if row is None else str(row["_id"])
