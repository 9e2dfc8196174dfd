"""Reads for the roster's pages which courses consultants have, and when they meet, without the courses' people."""

from collections import Counter
from datetime import date
from typing import Final

from services.scheduler.course import Course, StoredCourse
from shared.mongo import Collection, Document, database_errors

COURSES_MAX: Final = 5_000
"""Courses that one page looks through."""
_LEFT_OUT: Final = dict.fromkeys(("outbox", "claims", "people", "matter", "decision", "history", "holders"), 0)


async def active_courses(courses: Collection) -> Counter[str]:
    """How many booked courses each consultant has, as first or second. Raises DependencyDownError."""
    found: Counter[str] = Counter()
    with database_errors():
        async for row in courses.find({"state": "booked"}, {"consultant_id": 1, "second_id": 1}):
            found.update({one for one in (row.get("consultant_id"), row.get("second_id")) if one})
    return found


async def courses_of(courses: Collection, consultant_id: str) -> list[Course]:
    """The booked courses of one consultant, the first one booked first. Raises DependencyDownError."""
    either = [{"consultant_id": consultant_id}, {"second_id": consultant_id}]
    return await _read(courses, {"state": "booked", "$or": either})


async def courses_between(
    courses: Collection, first: date, last: date, *, consultant_id: str | None = None
) -> list[Course]:
    """Courses that are booked or over with a meeting between these local days, both included; of one consultant, or of all.

    Raises DependencyDownError.
    """
    # Wall times are texts that sort as times do; one after the last day's begins with a larger letter.
    query: Document = {
        "state": {"$in": ["booked", "completed"]},
        "meetings": {"$elemMatch": {"wall_start": {"$gte": first.isoformat(), "$lt": f"{last.isoformat()}U"}}},
    }
    if consultant_id is not None:
        query[f"meetings.tokens.{consultant_id}"] = {"$exists": True}
    return await _read(courses, query)


async def _read(courses: Collection, query: Document) -> list[Course]:
    with database_errors():
        rows = await courses.find(query, _LEFT_OUT).sort("decided_at", 1).limit(COURSES_MAX).to_list(None)
    return [StoredCourse.of(row).course for row in rows]
