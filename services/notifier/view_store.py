"""The notifier's view of applications and courses in MongoDB."""

from datetime import datetime

from pydantic import TypeAdapter
from pymongo import ASCENDING

from services.notifier.course_view import Seen, Settling, Told, ToldCourse, View
from shared.events import ApplicationState, CourseState
from shared.mongo import AlreadyThereError, Collection, Document, database_errors

DUE_PAGE = 100
_DUE_FIELD = "settles_at"
_TOLD = TypeAdapter(dict[str, Told])


class Views:
    """`notifier.courses`. `settles_at` stands in those documents alone that hold changes which nobody was told of yet."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        """Sparse: the sweep asks for the few documents with something to tell."""
        with database_errors():
            await self._collection.create_index([(_DUE_FIELD, ASCENDING)], sparse=True, name=_DUE_FIELD)

    async def read(self, application_id: str) -> View:
        """The view of one application; an empty one where there is none yet."""
        with database_errors():
            row = await self._collection.find_one({"_id": application_id})
        return _view(row) if row else View(application_id=application_id)

    async def due(self, *, now: datetime) -> list[str]:
        """Ids of some applications whose changes are to be told by now, the longest due first."""
        with database_errors():
            cursor = self._collection.find({_DUE_FIELD: {"$lte": now}}, {"_id": 1}).sort(_DUE_FIELD, ASCENDING)
            return [row["_id"] for row in await cursor.limit(DUE_PAGE).to_list(DUE_PAGE)]

    async def put_off(self, application_id: str, *, now: datetime, until: datetime) -> None:
        """Look at what is due by `now` again at `until`; it need not be readable."""
        with database_errors():
            await self._collection.update_one(
                {"_id": application_id, _DUE_FIELD: {"$lte": now}}, {"$set": {_DUE_FIELD: until}}
            )

    async def advance(self, view: View, *, before: View) -> View | None:
        """Store a newer view in the place of the one that it was made from; as stored. None: somebody else was faster."""
        fields = _fields(view)
        if before.version:
            update: Document = {"$set": fields, "$inc": {"version": 1}}
            if view.settling is None:
                update["$unset"] = {_DUE_FIELD: ""}
            with database_errors():
                updated = await self._collection.update_one(
                    {"_id": view.application_id, "version": before.version}, update
                )
            if not updated.matched_count:
                return None
        else:
            try:
                with database_errors():
                    await self._collection.insert_one({"_id": view.application_id, "version": 1, **fields})
            except AlreadyThereError:
                return None
        return view.model_copy(update={"version": before.version + 1})


def _fields(view: View) -> Document:
    fields: Document = {
        "seen": view.seen.model_dump(),
        "application": view.application.model_dump(mode="json") if view.application else None,
        "course": view.course.model_dump(mode="json") if view.course else None,
        "told": _TOLD.dump_python(dict(view.told), mode="json"),
        "told_course": view.told_course.model_dump(mode="json") if view.told_course else None,
        "settling": view.settling.model_dump(mode="json") if view.settling else None,
        "addresses": {person_id: list(known) for person_id, known in view.addresses.items()},
        "course_addresses": dict(view.course_addresses),
        "seen_returned": view.seen_returned,
    }
    return fields | ({_DUE_FIELD: view.settling.due} if view.settling else {})


def _view(row: Document) -> View:
    course = CourseState.model_validate(row["course"]) if row["course"] else None
    told_course = ToldCourse.model_validate(row["told_course"]) if row.get("told_course") else None
    if course is not None and "told_course" not in row:
        # Written by an older release, which told everything at once.
        told_course = ToldCourse.of(course)
    return View(
        application_id=row["_id"],
        version=row["version"],
        seen=Seen.model_validate(row["seen"]),
        application=ApplicationState.model_validate(row["application"]) if row["application"] else None,
        course=course,
        told=_TOLD.validate_python(row["told"]),
        told_course=told_course,
        settling=Settling.model_validate(row["settling"]) if row.get("settling") else None,
        addresses={person_id: tuple(known) for person_id, known in row.get("addresses", {}).items()},
        course_addresses=row.get("course_addresses", {}),
        seen_returned=row.get("seen_returned", 0),
    )
