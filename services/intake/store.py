"""Intake's database: the applications with their outboxes, and the view of their courses. Wakes the relay after each write."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from services.intake.addresses import KEPT as ADDRESSES_KEPT
from services.intake.course_view import CourseView
from services.intake.idempotency import RequestMark
from services.intake.record import COLLECTION, Application
from shared import mongo, outbox
from shared.errors import DependencyDownError
from shared.events import ApplicationState
from shared.mongo import AlreadyThereError, database_errors
from shared.outbox import PendingEvent, Waiting
from shared.sealing import Sealed

DATABASE = "intake"
COURSES = "courses"
REFERENCE = "reference"
REQUEST_KEY = "request.key"
ADDRESSES = "addresses"
MARKS = (ADDRESSES, "addresses_until", "unmailed", "unmailed_since")
UNMAILED_PAGE = 100


class Store:
    """`wake` is told what each write has put into an outbox."""

    def __init__(self, client: mongo.Client, *, wake: Callable[[Waiting], None]) -> None:
        self._applications = client[DATABASE][COLLECTION]
        self._courses = client[DATABASE][COURSES]
        self._client = client
        self._wake = wake
        self._indexed = False

    async def create_indexes(self) -> None:
        """Make the indexes that are missing. Before they are there no application is taken: they are the guards.

        Raises:
            DependencyDownError: the database does not answer.

        """
        await create_indexes(self._client)
        self._indexed = True

    async def insert(self, application: Application, events: Sequence[PendingEvent], *, now: datetime) -> None:
        """Store a new application together with its events.

        Raises:
            AlreadyThereError: its reference, its Idempotency-Key or one of its address entries is taken.
            DependencyDownError: the database does not answer; the application may or may not be stored.

        """
        if not self._indexed:
            raise DependencyDownError("database")
        document = outbox.new_document(_fields(application, now), events, now=now)
        with database_errors():
            await self._applications.insert_one(document)
        self._wake(Waiting(document_id=application.id, version=document["version"], events=tuple(events)))

    async def change(
        self,
        before: Application,
        *,
        state: ApplicationState,
        unmailed: Sequence[str],
        addresses: Sequence[str],
        events: Sequence[PendingEvent] = (),
        now: datetime,
    ) -> Application | None:
        """Change an application and tell of it, unless somebody else changed it meanwhile: then None, read it again.

        Raises:
            AlreadyThereError: one of the address entries is taken.
            DependencyDownError: the database does not answer; the change may or may not have happened.

        """
        fields = _marks(addresses, unmailed, now) | {"application": state.model_dump(mode="json")}
        remove = [name for name in MARKS if name not in fields]
        update = outbox.change(now=now, fields=fields, events=events, remove=remove)
        with database_errors():
            document = await self._applications.find_one_and_update(
                outbox.guard(before.id, before.version), update, return_document=ReturnDocument.AFTER
            )
        if document is None:
            return None
        self._wake(outbox.waiting(document))
        return _application(document)

    async def application(self, application_id: str) -> Application | None:
        return await self._one({"_id": application_id})

    async def application_by_request(self, request_key: str) -> Application | None:
        return await self._one({REQUEST_KEY: request_key})

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which of these address entries other applications hold; `besides` is the id of one that does not count."""
        with database_errors():
            rows = await self._applications.find(
                {ADDRESSES: {"$in": list(entries)}, "_id": {"$ne": besides}}, {ADDRESSES: 1}
            ).to_list(None)
        return {entry for row in rows for entry in row[ADDRESSES]}

    async def unmailed(self, *, since: datetime) -> list[Application]:
        """Open applications with contacts who have not been written to yet; those that waited longest first."""
        query = {"unmailed_since": {"$gt": since}}
        with database_errors():
            rows = await self._applications.find(query).sort("unmailed_since", 1).limit(UNMAILED_PAGE).to_list(None)
        return [_application(row) for row in rows]

    async def forget_digests(self, *, now: datetime) -> None:
        """Drop the digests of requests and addresses whose time is over."""
        with database_errors():
            await self._applications.update_many({"request.until": {"$lte": now}}, {"$unset": {"request": ""}})
            await self._applications.update_many(
                {"addresses_until": {"$lte": now}, "application.state": {"$ne": "submitted"}},
                {"$unset": {ADDRESSES: "", "addresses_until": ""}},
            )

    async def course(self, application_id: str) -> CourseView | None:
        with database_errors():
            row = await self._courses.find_one({"_id": application_id})
        return CourseView.model_validate(row["course"]) if row else None

    async def put_course(self, application_id: str, course: CourseView) -> int | None:
        """Store a course if it is newer. Answers the sequence before (0: none), or None if it was not newer."""
        try:
            with database_errors():
                before = await self._courses.find_one_and_update(
                    {"_id": application_id, "seen.courses": {"$lt": course.sequence}},
                    {"$set": {"seen.courses": course.sequence, "course": course.model_dump(mode="json")}},
                    upsert=True,
                    return_document=ReturnDocument.BEFORE,
                )
        except AlreadyThereError:
            # The upsert found no older one and met the newer: there is nothing to do.
            return None
        return int(before["seen"]["courses"]) if before else 0

    async def ping(self) -> None:
        await mongo.ping(self._client)

    async def _one(self, query: dict[str, str]) -> Application | None:
        with database_errors():
            row = await self._applications.find_one(query)
        return _application(row) if row else None


async def create_indexes(client: mongo.Client) -> None:
    """All indexes of this service; safe to repeat. Sparse ones, since most documents lack the field most of the time."""
    applications = client[DATABASE][COLLECTION]
    with database_errors():
        await applications.create_index(REFERENCE, unique=True)
        await applications.create_index(REQUEST_KEY, unique=True, sparse=True)
        await applications.create_index(ADDRESSES, unique=True, sparse=True)
        await applications.create_index("request.until", sparse=True)
        await applications.create_index("addresses_until", sparse=True)
        await applications.create_index("unmailed_since", sparse=True)
        await applications.create_index("relay_at", sparse=True)


def _fields(application: Application, now: datetime) -> dict[str, Any]:
    state = application.state
    fields = _marks(application.addresses, application.unmailed, now) | {
        "_id": application.id,
        REFERENCE: state.reference,
        "application": state.model_dump(mode="json"),
        "particulars": application.particulars.model_dump(),
        "epoch": application.epoch,
        "submitted_at": state.submitted_at,
    }
    if application.request:
        mark = application.request
        fields["request"] = {"key": mark.key, "body": mark.body, "until": mark.until}
    return fields


def _marks(addresses: Sequence[str], unmailed: Sequence[str], now: datetime) -> dict[str, Any]:
    """Fields that are there only while they say something: a unique index takes two empty lists for the same value."""
    fields: dict[str, Any] = {}
    if addresses:
        fields |= {ADDRESSES: list(addresses), "addresses_until": now + ADDRESSES_KEPT}
    if unmailed:
        fields |= {"unmailed": list(unmailed), "unmailed_since": now}
    return fields


def _application(row: mongo.Document) -> Application:
    return Application(
        state=ApplicationState.model_validate(row["application"]),
        particulars=Sealed.model_validate(row["particulars"]),
        epoch=row["epoch"],
        unmailed=tuple(row.get("unmailed", ())),
        addresses=tuple(row.get(ADDRESSES, ())),
        request=RequestMark(**row["request"]) if "request" in row else None,
        version=row["version"],
        event_sequence=row["event_sequence"],
    )
