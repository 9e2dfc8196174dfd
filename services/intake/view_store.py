"""Intake's views in its database: the newest state of each course, and what became of each mail."""

from typing import Any, Final

from pymongo import ReturnDocument

from services.intake.course_view import CourseView
from services.intake.message_view import MessageView
from shared.mongo import AlreadyThereError, Collection, Database, database_errors

COURSES = "courses"
MESSAGES = "messages"
MESSAGES_SHOWN_MAX: Final = 300
"""Ten people with a whole joint course, invited and cancelled twice, stay below it."""


class ViewStore:
    """`intake.courses` by application id, and `intake.messages` by message id."""

    def __init__(self, database: Database) -> None:
        self._courses = database[COURSES]
        self._messages = database[MESSAGES]

    async def course(self, application_id: str) -> CourseView | None:
        with database_errors():
            row = await self._courses.find_one({"_id": application_id})
        return CourseView.model_validate(row["course"]) if row else None

    async def put_course(self, application_id: str, course: CourseView) -> int | None:
        """Store a course if it is newer. Answers the sequence before (0: none), or None if it was not newer."""
        fields = {"seen.courses": course.sequence, "course": course.model_dump(mode="json")}
        before = await _put(self._courses, application_id, "seen.courses", fields)
        return None if before is None else int(before.get("seen", {}).get("courses", 0))

    async def messages(self, application_id: str) -> list[MessageView]:
        """The newest mails about an application, the last one first."""
        with database_errors():
            found = self._messages.find({"application_id": application_id}).sort("decided_at", -1)
            rows = await found.limit(MESSAGES_SHOWN_MAX).to_list(None)
        return [MessageView.model_validate({**row, "message_id": row["_id"]}) for row in rows]

    async def put_message(self, message: MessageView) -> int | None:
        """Store what became of a mail if it is newer. Answers as `put_course`."""
        fields = message.model_dump(exclude={"message_id"})
        before = await _put(self._messages, message.message_id, "sequence", fields)
        return None if before is None else int(before.get("sequence", 0))


async def create_indexes(database: Database) -> None:
    """All indexes of the views; safe to repeat."""
    with database_errors():
        await database[MESSAGES].create_index("application_id")


async def _put(collection: Collection, document_id: str, seen: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    """The document before: empty if there was none, None if what is there is not older."""
    try:
        with database_errors():
            before = await collection.find_one_and_update(
                {"_id": document_id, seen: {"$lt": fields[seen]}},
                {"$set": fields},
                upsert=True,
                return_document=ReturnDocument.BEFORE,
            )
    except AlreadyThereError:
        # The upsert found no older one and met the newer: there is nothing to do.
        return None
    return dict(before) if before else {}
