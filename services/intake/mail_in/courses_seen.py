"""Courses that were looked up for mails which are taken in at the same moment: people answer all meetings of one in a row."""

import asyncio

from services.intake.course_view import CourseView
from services.intake.record import Application
from services.intake.reply_rows import Store


class CoursesSeen:
    """Asks for each course once. Made anew for each round of mails, since a course may change at any time.

    What an application has said is always asked anew: it decides what another answer would do.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_reply_id: dict[str, tuple[str, CourseView]] = {}
        self._turn = asyncio.Lock()

    async def application(self, application_id: str) -> Application | None:
        return await self._store.application(application_id)

    async def course_of_reply_id(self, reply_id: str) -> tuple[str, CourseView] | None:
        async with self._turn:
            found = self._by_reply_id.get(reply_id)
            if found is None:
                found = await self._store.course_of_reply_id(reply_id)
                if found is not None:
                    self._by_reply_id |= dict.fromkeys(found[1].reply_ids, found)
        return found

    async def course_of_uid(self, uid: str) -> tuple[str, CourseView] | None:
        return await self._store.course_of_uid(uid)
