"""Intake's database: the applications with their outboxes. Wakes the relay after each write."""

import contextlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import structlog
from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError

from services.intake import only_once
from services.intake.addresses import KEPT as ADDRESSES_KEPT
from services.intake.form.draft_store import create_indexes as create_draft_indexes
from services.intake.held.held_answer import Held
from services.intake.idempotency import RequestMark
from services.intake.mail_in.store import create_indexes as create_mail_indexes
from services.intake.new_address.changed import ChangedAddresses
from services.intake.record import COLLECTION, Alias, Application, IssuedLinks, SaidBy
from services.intake.review.decision import Decision
from services.intake.view_store import ViewStore
from services.intake.view_store import create_indexes as create_view_indexes
from shared import mongo, outbox
from shared.errors import DependencyDownError
from shared.events import AUDIT, ApplicationState
from shared.mongo import AlreadyThereError, database_errors
from shared.outbox import PendingEvent, Waiting
from shared.sealing import Sealed
from shared.together import Together

DATABASE = "intake"
HELD_RECEIPTS = "held_receipts"
ONLY_ONCE = "only_once"
HELD_PAGE = 100
DUPLICATE_KEY_CODE = 11000

log = structlog.get_logger(__name__)


class Store(ViewStore):
    """The applications beside the views of what became of them. `wake` is told what each write has put into an outbox."""

    def __init__(self, client: mongo.Client, *, wake: Callable[[Waiting], None]) -> None:
        super().__init__(client[DATABASE])
        self._applications = client[DATABASE][COLLECTION]
        self._held = client[DATABASE][HELD_RECEIPTS]
        self._client = client
        self._wake = wake
        self._indexed = False
        self._inserts: Together[mongo.Document] = Together(self._insert_together)

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
            AlreadyThereError: "reference", "request" (its Idempotency-Key) or "address" (one of its entries) is taken.
            DependencyDownError: the database does not answer; the application may or may not be stored.

        """
        if not self._indexed:
            raise DependencyDownError("database")
        if application.unmailed:
            await self._note_held(application, now)
        document = outbox.new_document(_fields(application, now), events, now=now)
        await self._inserts.do(document)
        self._wake(Waiting(document_id=application.id, version=document["version"], events=tuple(events)))

    async def change(
        self,
        before: Application,
        *,
        state: ApplicationState,
        unmailed: Sequence[str],
        addresses: Sequence[str],
        events: Sequence[PendingEvent] = (),
        links: IssuedLinks | None = None,
        decision: Decision | None = None,
        said_by: Sequence[SaidBy] | None = None,
        held: Sequence[Held] | None = None,
        aliases: Sequence[Alias] | None = None,
        changed_addresses: ChangedAddresses | None = None,
        now: datetime,
    ) -> Application | None:
        """Change an application and tell of it, unless somebody else changed it meanwhile: then None, read it again.

        Without `links` those that are out stay good, without `said_by`, `held`, `aliases` and `changed_addresses` what is
        kept of them.

        Raises:
            AlreadyThereError: one of the address entries is taken.
            DependencyDownError: the database does not answer; the change may or may not have happened.

        """
        fields = {
            "application": state.model_dump(mode="json"),
            "unmailed": list(unmailed),
            ONLY_ONCE: _entries(before, addresses),
            "addresses_until": now + ADDRESSES_KEPT,
            **({"decision": decision.model_dump(mode="json")} if decision else {}),
            **({"epoch": links.epoch, "links_issued": list(links.issued_at)} if links else {}),
            **({"said_by": [one.model_dump() for one in said_by]} if said_by is not None else {}),
            **({"held": [one.model_dump(mode="json") for one in held]} if held is not None else {}),
            **({"aliases": [one.model_dump() for one in aliases]} if aliases is not None else {}),
            **({"changed_addresses": changed_addresses.model_dump(mode="json")} if changed_addresses else {}),
            "acts": before.acts + sum(one.topic == AUDIT for one in events),
        }
        if unmailed and not before.unmailed:
            await self._note_held(before, now)
        with database_errors():
            document = await self._applications.find_one_and_update(
                outbox.guard(before.id, before.version),
                outbox.change(now=now, fields=fields, events=events),
                return_document=ReturnDocument.AFTER,
            )
        if document is None:
            return None
        self._wake(outbox.waiting(document))
        if before.unmailed and not unmailed:
            # The change has happened, whatever comes of this; a note that stays is passed over, and dropped in time.
            with contextlib.suppress(DependencyDownError), database_errors():
                # Not one that somebody has written meanwhile for a change to what is there now.
                await self._held.delete_one({"_id": before.id, "version": {"$not": {"$gte": document["version"]}}})
        return _application(document)

    async def application(self, application_id: str) -> Application | None:
        return await self._one({"_id": application_id})

    async def application_by_reference(self, reference: str) -> Application | None:
        return await self._one({ONLY_ONCE: only_once.REFERENCE + reference})

    async def application_by_request(self, request_key: str) -> Application | None:
        return await self._one({ONLY_ONCE: only_once.REQUEST + request_key})

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which of these address entries other applications hold; `besides` is the id of one that does not count."""
        wanted = only_once.address_entries(entries)
        with database_errors():
            rows = await self._applications.find(
                {ONLY_ONCE: {"$in": wanted}, "_id": {"$ne": besides}}, {ONLY_ONCE: 1}
            ).to_list(None)
        return {entry for row in rows for entry in only_once.addresses_in(row[ONLY_ONCE])}

    async def unmailed(self, *, since: datetime, now: datetime) -> list[Application]:
        """Some applications with contacts who have not been written to yet; those that were looked at longest ago first.

        Looked at in turns: many for one busy address must not keep the others from being found.
        """
        with database_errors():
            await self._held.delete_many({"since": {"$lte": since}})
            held = await self._held.find().sort("looked_at", 1).limit(HELD_PAGE).to_list(None)
            await self._held.update_many({"_id": {"$in": [row["_id"] for row in held]}}, {"$set": {"looked_at": now}})
            rows = await self._applications.find({"_id": {"$in": [row["_id"] for row in held]}}).to_list(None)
        found = {row["_id"]: application for row in rows if (application := _readable(row))}
        return [found[row["_id"]] for row in held if row["_id"] in found and found[row["_id"]].unmailed]

    async def forget_digests(self, *, now: datetime, unconfirmed_since: datetime) -> None:
        """Drop the digests of requests and addresses whose time is over. Looks through everything: not for a request.

        What nobody has confirmed since `unconfirmed_since`, counted from the last receipt, keeps its address busy no longer.
        """
        # An entry of the day is dropped early by neither.
        unconfirmed_until = min(now, unconfirmed_since + ADDRESSES_KEPT)
        with database_errors():
            await self._applications.update_many(
                {"request.until": {"$lte": now}}, _forget("request", only_once.REQUEST)
            )
            await self._applications.update_many(
                {"addresses_until": {"$lte": now}, "application.state": {"$ne": "submitted"}},
                _forget("addresses_until", only_once.ADDRESS),
            )
            await self._applications.update_many(
                {"addresses_until": {"$lte": unconfirmed_until}, "application.state": "submitted"},
                _forget("addresses_until", only_once.ADDRESS),
            )

    async def forget_request(self, application_id: str) -> None:
        """Drop the digests of the request that made this application."""
        with database_errors():
            await self._applications.update_one({"_id": application_id}, _forget("request", only_once.REQUEST))

    async def ping(self) -> None:
        await mongo.ping(self._client)

    async def _note_held(self, before: Application, now: datetime) -> None:
        # Before the write itself: a crash leaves a note without contacts to write to, rather than the other way round.
        noted = {"$set": {"since": now, "looked_at": now}, "$max": {"version": before.version}}
        with database_errors():
            # It may be there already, of an earlier try.
            await self._held.update_one({"_id": before.id}, noted, upsert=True)

    async def _insert_together(self, documents: Sequence[mongo.Document]) -> list[Exception | None]:
        faults: list[Exception | None] = [None] * len(documents)
        try:
            with database_errors():
                await self._applications.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            if details.get("writeConcernErrors"):
                raise DependencyDownError("database") from error
            for row in details["writeErrors"]:
                if row["code"] != DUPLICATE_KEY_CODE:
                    raise DependencyDownError("database") from error
                entry = str((row.get("keyValue") or {}).get(ONLY_ONCE, ""))
                faults[row["index"]] = AlreadyThereError((only_once.kind_of(entry),))
        return faults

    async def _one(self, query: dict[str, str]) -> Application | None:
        with database_errors():
            row = await self._applications.find_one(query)
        return _application(row) if row else None


async def create_indexes(client: mongo.Client) -> None:
    """All indexes of this service; safe to repeat."""
    applications = client[DATABASE][COLLECTION]
    with database_errors():
        await applications.create_index(ONLY_ONCE, unique=True)
        await applications.create_index("relay_at", sparse=True)
    await create_view_indexes(client[DATABASE])
    await create_draft_indexes(client[DATABASE])
    await create_mail_indexes(client[DATABASE])


def _fields(application: Application, now: datetime) -> dict[str, Any]:
    mark = application.request
    return {
        "_id": application.id,
        "application": application.state.model_dump(mode="json"),
        "particulars": application.particulars.model_dump(),
        "epoch": application.epoch,
        "unmailed": list(application.unmailed),
        ONLY_ONCE: _entries(application, application.addresses),
        "addresses_until": now + ADDRESSES_KEPT,
        **({"request": {"key": mark.key, "body": mark.body, "until": mark.until}} if mark else {}),
    }


def _entries(application: Application, addresses: Sequence[str]) -> list[str]:
    key = application.request.key if application.request else None
    return only_once.entries(reference=application.state.reference, request_key=key, addresses=addresses)


def _forget(field: str, prefix: str) -> dict[str, Any]:
    # A new version, so that nobody who read the document before writes the digests back.
    return {
        "$inc": {"version": 1},
        "$unset": {field: ""},
        "$pull": {ONLY_ONCE: {"$regex": "^" + prefix.replace("|", "[|]")}},
    }


def _readable(row: mongo.Document) -> Application | None:
    """The application, unless the document no longer has the form we know: that must not stop work on the others."""
    try:
        return _application(row)
    except (KeyError, TypeError, ValueError) as error:
        # Only the kind of the error: its text may hold what stands in the document.
        log.error("application-unreadable", application_id=row["_id"], error=type(error).__name__)  # noqa: TRY400 - no texts
        return None


def _application(row: mongo.Document) -> Application:
    return Application(
        state=ApplicationState.model_validate(row["application"]),
        particulars=Sealed.model_validate(row["particulars"]),
        epoch=row["epoch"],
        links_issued=tuple(row.get("links_issued", ())),
        unmailed=tuple(row["unmailed"]),
        addresses=only_once.addresses_in(row[ONLY_ONCE]),
        request=RequestMark(**row["request"]) if "request" in row else None,
        decision=Decision.model_validate(row["decision"]) if "decision" in row else None,
        said_by=tuple(SaidBy.model_validate(one) for one in row.get("said_by", ())),
        held=tuple(Held.model_validate(one) for one in row.get("held", ())),
        aliases=tuple(Alias.model_validate(one) for one in row.get("aliases", ())),
        changed_addresses=ChangedAddresses.model_validate(row.get("changed_addresses", {})),
        # Those that were decided before acts were counted.
        acts=row.get("acts", int("decision" in row)),
        version=row["version"],
        event_sequence=row["event_sequence"],
    )
