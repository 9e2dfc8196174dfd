"""The notifier's view of applications and courses in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from pymongo import ASCENDING

from services.notifier.course_view import Seen, Settling, Timed, Told, ToldCourse, View
from shared import outbox
from shared.events import ApplicationState, CourseState
from shared.mongo import AlreadyThereError, Collection, Document, database_errors
from shared.outbox import PendingEvent

DUE_PAGE = 100
_DUE_FIELD = "settles_at"
_TIMED_FIELD = "timed_at"
_MARK_FIELD = "timed.programme"
_TOLD = TypeAdapter(dict[str, Told])


class Views:
    """`notifier.courses`. Only what a sweep has to look at stands in its index.

    `settles_at`: there are changes which nobody was told of yet; `timed_at`: there are mails to come at their time.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        """Sparse: the sweep asks for the few documents with something to tell. But for the mark, which some do not have yet."""
        with database_errors():
            await self._collection.create_index([(_MARK_FIELD, ASCENDING)], name="timed_programme")
            for field in (_DUE_FIELD, _TIMED_FIELD, "relay_at"):
                await self._collection.create_index([(field, ASCENDING)], sparse=True, name=field)

    async def read(self, application_id: str) -> View:
        """The view of one application; an empty one where there is none yet."""
        with database_errors():
            row = await self._collection.find_one({"_id": application_id})
        return _view(row) if row else View(application_id=application_id)

    async def addresses(self, application_id: str) -> dict[str, tuple[str, ...]]:
        """The digests of the addresses that contacts have had, see `View`."""
        with database_errors():
            row = await self._collection.find_one({"_id": application_id}, {"addresses": 1})
        return {person_id: tuple(known) for person_id, known in (row or {}).get("addresses", {}).items()}

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

    async def timed_due(self, *, now: datetime) -> list[str]:
        """Ids of some applications whose timed mails are to be looked at by now, the longest due first."""
        with database_errors():
            cursor = self._collection.find({_TIMED_FIELD: {"$lte": now}}, {"_id": 1}).sort(_TIMED_FIELD, ASCENDING)
            return [row["_id"] for row in await cursor.limit(DUE_PAGE).to_list(DUE_PAGE)]

    async def put_off_timed(self, application_id: str, *, now: datetime, until: datetime) -> None:
        """Look at the timed mails that are due by `now` again at `until`; the view need not be readable."""
        with database_errors():
            await self._collection.update_one(
                {"_id": application_id, _TIMED_FIELD: {"$lte": now}}, {"$set": {_TIMED_FIELD: until}}
            )

    async def timed_until(self, until: datetime, *, count: int) -> list[View]:
        """Up to `count` views with timed mails to come by then, the next due first."""
        with database_errors():
            cursor = self._collection.find({_TIMED_FIELD: {"$lte": until}}).sort(_TIMED_FIELD, ASCENDING)
            return [_view(row) for row in await cursor.limit(count).to_list(count)]

    async def of_other_settings(self, mark: str, *, after: str = "") -> list[str]:
        """Ids, in order, of some courses whose timed mails were worked out with other settings of the programme, or never."""
        ids: list[str] = []
        # Three ranges of the index: "not this one" would have every view looked at.
        for others in ({"$lt": mark}, {"$gt": mark}, None):
            wanted: Document = {_MARK_FIELD: others, "_id": {"$gt": after}, "course": {"$ne": None}}
            with database_errors():
                cursor = self._collection.find(wanted, {"_id": 1}).sort("_id", ASCENDING)
                ids += [row["_id"] for row in await cursor.limit(DUE_PAGE).to_list(DUE_PAGE)]
        return sorted(ids)[:DUE_PAGE]

    async def advance(
        self, view: View, *, before: View, now: datetime | None = None, events: Sequence[PendingEvent] = ()
    ) -> View | None:
        """Store a newer view in the place of the one that it was made from; as stored. None: somebody else was faster.

        `events`, of what staff did, go out with the same write at `now`; a view that is new has none.
        """
        fields = _fields(view)
        if before.version:
            absent = tuple({_DUE_FIELD, _TIMED_FIELD} - fields.keys())
            update: Document = {"$set": fields, "$inc": {"version": 1}}
            if absent:
                update["$unset"] = dict.fromkeys(absent, "")
            if now is not None and events:
                update = outbox.change(now=now, fields=fields, events=events, remove=absent)
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
        "address_mark": view.address_mark,
        "timed": view.timed.model_dump(mode="json") if view.timed else None,
    }
    at = {_DUE_FIELD: view.settling.due if view.settling else None, _TIMED_FIELD: view.timed_at}
    return fields | {name: instant for name, instant in at.items() if instant is not None}


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
        timed=Timed.model_validate(row["timed"]) if row.get("timed") else None,
        timed_at=row.get(_TIMED_FIELD),
        addresses={person_id: tuple(known) for person_id, known in row.get("addresses", {}).items()},
        course_addresses=row.get("course_addresses", {}),
        seen_returned=row.get("seen_returned", 0),
        address_mark=row.get("address_mark", ""),
    )
