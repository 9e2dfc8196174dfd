"""The outbox relay: publishes what documents have pending, in order, and takes it out when the broker has acknowledged it.

It is woken in-process right after each write; a sweep finds what a crash, or another process's crash, left behind.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from shared import crash
from shared.envelope import Headers, to_headers
from shared.errors import DependencyDownError
from shared.metrics import OUTBOX_OLDEST_SECONDS, OUTBOX_PUBLISHED
from shared.mongo import Collection, database_errors
from shared.outbox import PendingEvent, Waiting, waiting

WORKERS = 16
SWEEP_SECONDS = 1.0
SWEEP_DOCUMENTS_MAX = 500
# A document is left to the process that wrote it for so long; after that any sweep takes it. A claim lasts as long.
LEASE_SECONDS = 5.0
BACKOFF_SECONDS_MAX = 5.0

log = structlog.get_logger(__name__)


class Sender(Protocol):
    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Publish one record and await its acknowledgement."""


class Relay:
    """Publishes the outboxes of one collection."""

    def __init__(self, *, collection: Collection, sender: Sender, clock: Callable[[], datetime]) -> None:
        self._collection = collection
        self._sender = sender
        self._clock = clock
        self._known: dict[str, Waiting] = {}
        self._busy: set[str] = set()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self.last_failure: str | None = None

    def wake(self, item: Waiting) -> None:
        """Tell the relay what a write just put into a document; of several the newest version counts, it holds them all."""
        if not item.events:
            return
        known = self._known.get(item.document_id)
        if known is not None and known.version >= item.version:
            return
        self._known[item.document_id] = item
        if known is None:
            self._queue.put_nowait(item.document_id)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep_forever())
            for _ in range(WORKERS):
                tasks.create_task(self._work_forever())

    async def drain(self) -> None:
        """Wait until nothing woken is left; the caller bounds the time."""
        await self._queue.join()

    async def _work_forever(self) -> None:
        backoff = 0.1
        while True:
            document_id = await self._queue.get()
            if document_id in self._busy:
                # Another worker is at this document: one at a time keeps its events in order.
                await asyncio.sleep(0.01)
                self._queue.put_nowait(document_id)
                self._queue.task_done()
                continue
            self._busy.add(document_id)
            item = self._known.pop(document_id)
            try:
                await self._publish(item)
                backoff = 0.1
                self.last_failure = None
            except DependencyDownError as error:
                self.last_failure = str(error)
                self._requeue(item)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, BACKOFF_SECONDS_MAX)
            finally:
                self._busy.discard(document_id)
                self._queue.task_done()

    def _requeue(self, item: Waiting) -> None:
        known = self._known.get(item.document_id)
        if known is None:
            self._known[item.document_id] = item
            self._queue.put_nowait(item.document_id)

    async def _publish(self, item: Waiting) -> None:
        crash.reached(crash.AFTER_WRITE_BEFORE_PUBLISH)
        for event in item.events:
            await self._send(event)
        crash.reached(crash.AFTER_PUBLISH_BEFORE_CLEAR)
        await self._clear(item)
        OUTBOX_PUBLISHED.labels(collection=self._collection.name).inc(len(item.events))

    async def _send(self, event: PendingEvent) -> None:
        try:
            await self._sender.send(
                topic=event.topic, key=event.key.encode(), value=event.body, headers=to_headers(event.envelope)
            )
        except MessageSizeTooLargeError as error:
            # `pending` refuses what is too large, so this broker allows less than the topics need: staff must mend it.
            log.exception("outbox-event-too-large-for-broker", event_id=event.envelope.id, topic=event.topic)
            raise DependencyDownError("kafka") from error

    async def _clear(self, item: Waiting) -> None:
        pull = {"outbox": {"id": {"$in": [event.envelope.id for event in item.events]}}}
        with database_errors():
            cleared = await self._collection.update_one(
                {"_id": item.document_id, "version": item.version}, {"$pull": pull, "$unset": {"relay_at": ""}}
            )
            if cleared.matched_count == 0:
                # Written again meanwhile: take out only what went, and leave the mark for the rest.
                await self._collection.update_one({"_id": item.document_id}, {"$pull": pull})

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self._sweep()
            except DependencyDownError as error:
                self.last_failure = str(error)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _sweep(self) -> None:
        now = self._clock()
        with database_errors():
            rows = (
                await self._collection.find({"relay_at": {"$lte": now - timedelta(seconds=LEASE_SECONDS)}})
                .sort("relay_at", 1)
                .limit(SWEEP_DOCUMENTS_MAX)
                .to_list(SWEEP_DOCUMENTS_MAX)
            )
        OUTBOX_OLDEST_SECONDS.labels(collection=self._collection.name).set(
            (now - rows[0]["relay_at"]).total_seconds() if rows else 0
        )
        for row in rows:
            if row["_id"] not in self._known and row["_id"] not in self._busy:
                await self._adopt(row["_id"], row["relay_at"], now)

    async def _adopt(self, document_id: str, seen_at: datetime, now: datetime) -> None:
        """Take over one document that was left behind; the guarded claim lets only one process do so at a time."""
        with database_errors():
            row = await self._collection.find_one_and_update(
                {"_id": document_id, "relay_at": seen_at}, {"$set": {"relay_at": now}}, return_document=True
            )
            if row is None:
                return
            item = waiting(row)
            if not item.events:
                await self._collection.update_one(
                    {"_id": document_id, "version": item.version, "outbox": []}, {"$unset": {"relay_at": ""}}
                )
        self.wake(item)
