"""Intake's views in its database: the newest state of each course, and what became of each mail."""

from contextlib import suppress
from typing import Any, Final

from services.intake.course_view import CourseView
from services.intake.message_view import MessageView
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, Collection, Database, Document, database_errors

COURSES = "courses"
MESSAGES = "messages"
MESSAGES_SHOWN_MAX: Final = 600
"""Twelve people with a whole joint course, invited and cancelled twice and reminded of each meeting, stay below it."""
PUTS_MAX: Final = 30
"""Tries to put a state of something of which others put other states at the same time."""

Found = tuple[str, CourseView]
"""The application's id, and its course."""


class ViewStore:
    """`intake.courses` by application id, and `intake.messages` by message id.

    Beside each course stand the `reply_ids` of all its meetings (the random halves of the reply addresses) and their `uids`.
    """

    def __init__(self, database: Database) -> None:
        self._courses = database[COURSES]
        self._messages = database[MESSAGES]

    async def course(self, application_id: str) -> CourseView | None:
        with database_errors():
            row = await self._courses.find_one({"_id": application_id})
        return CourseView.model_validate(row["course"]) if row else None

    async def course_of_reply_id(self, reply_id: str) -> Found | None:
        """The course with the meeting that this reply address is of; `reply_id` is its random half, in hexadecimal."""
        return await self._course_with("reply_ids", reply_id)

    async def course_of_uid(self, uid: str) -> Found | None:
        """The course with the meeting of this UID."""
        return await self._course_with("uids", uid)

    async def put_course(self, application_id: str, course: CourseView) -> int | None:
        """Store a course if it is newer. Answers the sequence before (0: none), or None if it was not newer."""
        fields = {
            "seen": {"courses": course.sequence},
            "course": course.model_dump(mode="json"),
            "reply_ids": list(course.reply_ids),
            "uids": [one.uid for one in course.meetings],
        }
        return await _put(self._courses, application_id, "seen.courses", course.sequence, fields)

    async def messages(self, application_id: str) -> list[MessageView]:
        """The newest mails about an application, the last one first."""
        with database_errors():
            found = self._messages.find({"application_id": application_id}).sort("decided_at", -1)
            rows = await found.limit(MESSAGES_SHOWN_MAX).to_list(None)
        return [MessageView.model_validate({**row, "message_id": row["_id"]}) for row in rows]

    async def application_of_message(self, message_id: str) -> str | None:
        """The id of the application that a mail is about; None for one of which nothing is known here, or not yet."""
        with database_errors():
            row = await self._messages.find_one({"_id": message_id}, {"application_id": 1})
        return str(row["application_id"]) if row else None

    async def put_message(self, message: MessageView) -> int | None:
        """Store what became of a mail if it is newer. Answers as `put_course`."""
        fields = message.model_dump(exclude={"message_id"})
        return await _put(self._messages, message.message_id, "sequence", message.sequence, fields)

    async def _course_with(self, listed: str, value: str) -> Found | None:
        with database_errors():
            row = await self._courses.find_one({listed: value})
        return (row["_id"], CourseView.model_validate(row["course"])) if row else None


async def create_indexes(database: Database) -> None:
    """All indexes of the views; safe to repeat."""
    with database_errors():
        await database[MESSAGES].create_index("application_id")
        await database[COURSES].create_index("reply_ids", sparse=True)
        await database[COURSES].create_index("uids", sparse=True)


async def _put(
    collection: Collection, document_id: str, seen: str, sequence: int, fields: dict[str, Any]
) -> int | None:
    """Set `fields` where what is there is older. Answers the sequence before (0: none), or None if it was not older.

    The write names the state that it takes the place of. An upsert, or an update that answers with the document before it,
    would do with one question, but not every server answers it rightly where several write at once.
    """
    for _ in range(PUTS_MAX):
        with database_errors():
            there = await collection.find_one({"_id": document_id}, {seen: 1})
        if there is None:
            with suppress(AlreadyThereError), database_errors():
                await collection.insert_one({"_id": document_id, **fields})
                return 0
            continue
        before = _number(there, seen)
        if before >= sequence:
            return None
        with database_errors():
            put = await collection.update_one({"_id": document_id, seen: before}, {"$set": fields})
        if put.matched_count:
            return before
    raise DependencyDownError("database")


def _number(document: Document, seen: str) -> int:
    value: Any = document
    for name in seen.split("."):
        value = value[name]
    return int(value)
