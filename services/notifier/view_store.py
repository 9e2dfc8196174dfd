"""The notifier's view of applications and courses in MongoDB."""

from pydantic import TypeAdapter

from services.notifier.course_view import Seen, Told, View
from shared.events import ApplicationState, CourseState
from shared.mongo import AlreadyThereError, Collection, Document, database_errors

_TOLD = TypeAdapter(dict[str, Told])


class Views:
    """`notifier.courses`."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def read(self, application_id: str) -> View:
        """The view of one application; an empty one where there is none yet."""
        with database_errors():
            row = await self._collection.find_one({"_id": application_id})
        return _view(row) if row else View(application_id=application_id)

    async def advance(self, view: View, *, before: View) -> bool:
        """Store a newer view in the place of the one that it was made from. False: somebody else was faster."""
        fields = _fields(view)
        if before.version:
            ours = {"_id": view.application_id, "version": before.version}
            with database_errors():
                updated = await self._collection.update_one(ours, {"$set": fields, "$inc": {"version": 1}})
            return updated.matched_count == 1
        try:
            with database_errors():
                await self._collection.insert_one({"_id": view.application_id, "version": 1, **fields})
        except AlreadyThereError:
            return False
        return True


def _fields(view: View) -> Document:
    return {
        "seen": view.seen.model_dump(),
        "application": view.application.model_dump(mode="json") if view.application else None,
        "course": view.course.model_dump(mode="json") if view.course else None,
        "told": _TOLD.dump_python(dict(view.told), mode="json"),
    }


def _view(row: Document) -> View:
    return View(
        application_id=row["_id"],
        version=row["version"],
        seen=Seen.model_validate(row["seen"]),
        application=ApplicationState.model_validate(row["application"]) if row["application"] else None,
        course=CourseState.model_validate(row["course"]) if row["course"] else None,
        told=_TOLD.validate_python(row["told"]),
    )
