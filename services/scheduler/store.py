"""The only file that knows how courses and consultants lie in MongoDB."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from pymongo import ReturnDocument

from services.scheduler.calendars.store import CalendarStore
from services.scheduler.claims import by_consultant
from services.scheduler.course import Course, StoredCourse
from services.scheduler.loads.store import LoadStore
from services.scheduler.roster import RosterFacts
from services.scheduler.standing import releases_at, waits_for_staff
from shared.mongo import Client, Collection, Database, Document, database_errors
from shared.outbox import guard

DATABASE = "scheduler"
COURSES_MAX = 100_000
UIDS_AT_ONCE_MAX = 500
WITHOUT_WORKINGS = {"outbox": 0, "claims": 0, "people": 0, "matter": 0, "decision": 0}


async def create_indexes(client: Client) -> None:
    """Create the scheduler's indexes that are missing. Raises DependencyDownError."""
    await Store(client[DATABASE]).ensure_indexes()


class Store:
    """Courses and consultants. Every method raises DependencyDownError while the database is away."""

    def __init__(self, database: Database) -> None:
        self.courses: Collection = database["courses"]
        self.consultants: Collection = database["consultants"]
        self.calendars = CalendarStore(database)
        self.loads = LoadStore(database)

    async def ensure_indexes(self) -> None:
        """Create the indexes that are missing. Nothing may be booked before: the one on `claims` is the guard."""
        with database_errors():
            # Partial, since a course that holds nothing has no `claims`; never `[]`, which would itself be a key.
            await self.courses.create_index(
                "claims", name="claims", unique=True, partialFilterExpression={"claims.0": {"$exists": True}}
            )
            await self.courses.create_index("consultant_id", name="consultant_id")
            await self.courses.create_index("second_id", name="second_id")
            await self.courses.create_index("holders", name="holders", sparse=True)
            # Sparse: each stands in the document only while there is something to do.
            for field in ("relay_at", "waiting_since", "complete_at", "offer_until", "for_staff"):
                await self.courses.create_index(field, name=field, sparse=True)
            await self.courses.create_index("meetings.uid", name="meeting_uids")
            # For staff's lists: a document with its decision is large, and all of them would be read for each page.
            await self.courses.create_index([("state", 1), ("decided_at", -1)], name="state_decided_at")
            await self.courses.create_index("request.reference", name="reference")
            for field in ("relay_at", "reword_since"):
                await self.consultants.create_index(field, name=field, sparse=True)
        await self.calendars.ensure_indexes()
        await self.loads.ensure_indexes()

    # -- courses -------------------------------------------------------------------------------------------------------

    async def course(self, course_id: str) -> StoredCourse | None:
        with database_errors():
            document = await self.courses.find_one({"_id": course_id}, {"outbox": 0, "claims": 0})
        return None if document is None else StoredCourse.of(document)

    async def insert_course(self, document: Document) -> Document:
        """Write a new course.

        Raises:
            AlreadyThereError: it exists, or (`claims`) another course holds one of its half hours.

        """
        with database_errors():
            await self.courses.insert_one(document)
        return document

    async def change_course(self, course_id: str, version: int, update: Document) -> Document | None:
        """Change a course that nobody has changed since it was read; None where somebody has. Raises as `insert_course`."""
        with database_errors():
            changed: Document | None = await self.courses.find_one_and_update(
                guard(course_id, version), update, return_document=ReturnDocument.AFTER
            )
        return changed

    async def held(self, consultant_id: str | None = None) -> dict[str, dict[str, list[str]]]:
        """Claim keys by consultant and course, of everybody or of one consultant."""
        query: Document = {"claims": {"$exists": True}}
        if consultant_id is not None:
            # Courses of before there were second consultants have no holders.
            query["$or"] = [{"holders": consultant_id}, {"consultant_id": consultant_id}]
        held: dict[str, dict[str, list[str]]] = {}
        with database_errors():
            async for row in self.courses.find(query, {"claims": 1}):
                for who, keys in by_consultant(row["claims"]).items():
                    if consultant_id in (None, who):
                        held.setdefault(who, {})[row["_id"]] = keys
        return held

    async def claims(self, course_id: str) -> list[str]:
        """What one course holds. It changes with the version alone, so a guarded change may rely on it."""
        with database_errors():
            row = await self.courses.find_one({"_id": course_id}, {"claims": 1})
        return [] if row is None else list(row.get("claims", ()))

    async def waiting(self) -> list[str]:
        """Ids of the courses that wait, the oldest application first."""
        return await self._ids("waiting_since", {"$exists": True})

    async def due_for_completion(self, now: datetime) -> list[str]:
        return await self._ids("complete_at", {"$lte": now})

    async def offers_over(self, now: datetime) -> list[str]:
        return await self._ids("offer_until", {"$lte": now})

    async def stalled(self) -> list[str]:
        """Ids of the booked courses of which something cannot be held."""
        return await self._ids("for_staff", "stalled")

    async def _ids(self, field: str, condition: Document | str) -> list[str]:
        with database_errors():
            rows = await self.courses.find({field: condition}, {"_id": 1}).sort([(field, 1), ("_id", 1)]).to_list(None)
        return [row["_id"] for row in rows]

    async def known_uids(self, uids: set[str]) -> set[str]:
        """Those of these UIDs that belong to a meeting of some course."""
        known: set[str] = set()
        asked = sorted(uids)
        for first in range(0, len(asked), UIDS_AT_ONCE_MAX):
            some = asked[first : first + UIDS_AT_ONCE_MAX]
            with database_errors():
                async for row in self.courses.find({"meetings.uid": {"$in": some}}, {"meetings.uid": 1}):
                    known.update(meeting["uid"] for meeting in row["meetings"])
        return known & set(asked)

    async def active(self) -> list[tuple[StoredCourse, list[str]]]:
        """Every course that is booked or holds claims, with the claims."""
        query = {"$or": [{"state": "booked"}, {"claims": {"$exists": True}}]}
        with database_errors():
            rows = await self.courses.find(query, {"outbox": 0, "people": 0, "matter": 0, "decision": 0}).to_list(
                COURSES_MAX
            )
        return [(StoredCourse.of(row), row.get("claims", [])) for row in rows]

    async def booked(self, consultant_id: str | None = None) -> AsyncGenerator[StoredCourse]:
        """Every booked course, or those that hold something of one consultant, one by one, without anybody's data."""
        query: Document = {"state": "booked"}
        if consultant_id is not None:
            # Courses of before there were second consultants have no holders.
            query["$or"] = [{"holders": consultant_id}, {"consultant_id": consultant_id}]
        with database_errors():
            async for row in self.courses.find(query, WITHOUT_WORKINGS):
                yield StoredCourse.of(row)

    async def led_by(self, consultant_id: str, *, since: datetime, limit: int) -> list[StoredCourse]:
        """The newest of the courses that she leads, or is the second of: booked, or completed after `since`."""
        query = {
            "$and": [
                {"$or": [{"consultant_id": consultant_id}, {"second_id": consultant_id}]},
                {"$or": [{"state": "booked"}, {"state": "completed", "decided_at": {"$gt": since.isoformat()}}]},
            ]
        }
        with database_errors():
            rows = (
                await self.courses.find(query, {"outbox": 0, "claims": 0, "decision": 0})
                .sort("decided_at", -1)
                .to_list(limit)
            )
        return [StoredCourse.of(row) for row in rows]

    async def list_courses(self) -> list[StoredCourse]:
        """All courses, newest decision first, without anybody's data."""
        with database_errors():
            rows = await self.courses.find({}, WITHOUT_WORKINGS).sort("decided_at", -1).to_list(COURSES_MAX)
        return [StoredCourse.of(row) for row in rows]

    async def list_waiting(self) -> list[StoredCourse]:
        """All courses that wait, also those that staff hold back, without anybody's data."""
        with database_errors():
            rows = await self.courses.find({"state": "waiting"}, WITHOUT_WORKINGS).to_list(COURSES_MAX)
        return [StoredCourse.of(row) for row in rows]

    # -- consultants ---------------------------------------------------------------------------------------------------

    async def consultant(self, consultant_id: str) -> Document | None:
        with database_errors():
            document: Document | None = await self.consultants.find_one({"_id": consultant_id}, {"outbox": 0})
        return document

    async def list_consultants(self) -> list[Document]:
        with database_errors():
            return await self.consultants.find({}, {"outbox": 0}).sort("_id", 1).to_list(None)

    async def insert_consultant(self, document: Document) -> Document:
        """Write a new consultant.

        Raises:
            AlreadyThereError: she exists.

        """
        with database_errors():
            await self.consultants.insert_one(document)
        return document

    async def change_consultant(self, consultant_id: str, version: int, update: Document) -> Document | None:
        """Change a consultant whom nobody has changed since; None where somebody has."""
        with database_errors():
            changed: Document | None = await self.consultants.find_one_and_update(
                guard(consultant_id, version), update, return_document=ReturnDocument.AFTER
            )
        return changed

    async def reworded(self) -> list[tuple[str, datetime]]:
        """Whose name or contact data changed, with the mark of it, and whose courses' invites may not say so yet."""
        with database_errors():
            rows = await self.consultants.find({"reword_since": {"$exists": True}}, {"reword_since": 1}).to_list(None)
        return [(row["_id"], row["reword_since"]) for row in rows]

    async def reword_done(self, consultant_id: str, since: datetime) -> None:
        """Take the mark away if it is still that one."""
        with database_errors():
            await self.consultants.update_one(
                {"_id": consultant_id, "reword_since": since}, {"$unset": {"reword_since": ""}}
            )

    async def facts_of(self, consultant_id: str) -> RosterFacts | None:
        with database_errors():
            row = await self.consultants.find_one({"_id": consultant_id}, {"outbox": 0, "person": 0})
        return None if row is None else RosterFacts.model_validate(row)

    async def roster(self) -> dict[str, RosterFacts]:
        with database_errors():
            rows = await self.consultants.find({}, {"outbox": 0, "person": 0}).to_list(None)
        return {row["_id"]: RosterFacts.model_validate(row) for row in rows}


MARKS = ("claims", "holders", "complete_at", "waiting_since", "offer_until", "for_staff")
"""Fields that stand in a document only while there is something to hold or to do; see `absent_marks`."""


def course_fields(course: Course, *, seen: int, claims: Sequence[str] = ()) -> Document:
    """The fields that one write sets: the course, and the marks by which it is found while there is something to do."""
    document: Document = {**course.fields(), "seen": {"applications": seen}}
    if claims:
        document["claims"] = list(claims)
        document["holders"] = list(by_consultant(claims))
    completes_at = course.completes_at()
    if completes_at is not None:
        document["complete_at"] = completes_at
    released_at = releases_at(course)
    if released_at is not None:
        document["offer_until"] = released_at
    wanted = waits_for_staff(course)
    if wanted:
        document["for_staff"] = wanted
    if course.state == "waiting" and not course.held:
        document["waiting_since"] = course.request.submitted_at
    return document


def absent_marks(fields: Document) -> list[str]:
    """The marks that a write of these fields takes away. Never an empty list of claims: that would itself be a key."""
    return [mark for mark in MARKS if mark not in fields]
