"""The outbox relay: publishes what documents have pending, in order, and takes it out when the broker has acknowledged it.

It is woken in-process right after each write; a sweep finds what a crash, or another process's crash, left behind.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from shared import crash
from shared.cancelling import is_meant_for_us
from shared.envelope import Headers, to_headers
from shared.errors import DependencyDownError
from shared.metrics import OUTBOX_OLDEST_SECONDS, OUTBOX_PUBLISHED
from shared.mongo import Collection, database_errors
from shared.outbox import PendingEvent, Waiting, waiting
from shared.together import Together

WORKERS = 16
SWEEP_SECONDS = 1.0
SWEEP_DOCUMENTS_MAX = 200
# More than this is not kept in memory while the brokers are away: the sweep finds the rest when there is room again.
WAITING_BYTES_MAX = 16 * 1024 * 1024
# A document is left to the process that wrote it for so long; after that any sweep takes it. A claim lasts as long.
LEASE_SECONDS = 5.0
BACKOFF_SECONDS_MIN = 0.1
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
        # What is to be published, by document id; `_queue` holds each of these ids once, unless it is in `_busy`.
        self._known: dict[str, Waiting] = {}
        self._known_bytes = 0
        self._busy: set[str] = set()
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._clears: Together[Waiting] = Together(self._clear_together)
        self.last_failure: str | None = None

    def wake(self, item: Waiting) -> None:
        """Tell the relay what a write just put into a document; of several the newest version counts, it holds them all."""
        known = self._known.get(item.document_id)
        if not item.events or (known is not None and known.version >= item.version):
            return
        if known is not None or self._has_room():
            self._note(item)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep_forever())
            for _ in range(WORKERS):
                tasks.create_task(self._work_forever())

    async def drain(self) -> None:
        """Wait until nothing woken is left; the caller bounds the time."""
        await self._queue.join()

    def _has_room(self) -> bool:
        return self._known_bytes < WAITING_BYTES_MAX

    def _note(self, item: Waiting) -> None:
        waits_already = item.document_id in self._known or item.document_id in self._busy
        self._remember(item)
        if not waits_already:
            self._queue.put_nowait(item.document_id)

    def _remember(self, item: Waiting) -> None:
        self._forget(item.document_id)
        self._known[item.document_id] = item
        self._known_bytes += item.size_bytes

    def _forget(self, document_id: str) -> Waiting | None:
        item = self._known.pop(document_id, None)
        self._known_bytes -= item.size_bytes if item else 0
        return item

    async def _work_forever(self) -> None:
        backoff = BACKOFF_SECONDS_MIN
        while True:
            document_id = await self._queue.get()
            item = self._forget(document_id)
            if item is None:
                raise AssertionError("an id is queued only while something is known of it")
            self._busy.add(document_id)
            try:
                await self._publish(item)
                self._skip_published(item)
                backoff = BACKOFF_SECONDS_MIN
                self.last_failure = None
            except (DependencyDownError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and is_meant_for_us():
                    raise
                self.last_failure = str(error) or "cancelled"
                if document_id not in self._known:
                    self._remember(item)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, BACKOFF_SECONDS_MAX)
            finally:
                # One worker at a time keeps the events of a document in order; what came meanwhile is next.
                self._busy.discard(document_id)
                if document_id in self._known:
                    self._queue.put_nowait(document_id)
                self._queue.task_done()

    def _skip_published(self, item: Waiting) -> None:
        """What was written while this was published still lists the same events; they need not go twice."""
        newer = self._known.get(item.document_id)
        if newer is None:
            return
        gone = {event.envelope.id for event in item.events}
        rest = tuple(event for event in newer.events if event.envelope.id not in gone)
        self._remember(replace(newer, events=rest))

    async def _publish(self, item: Waiting) -> None:
        crash.reached(crash.AFTER_WRITE_BEFORE_PUBLISH)
        for event in item.events:
            await self._send(event)
        crash.reached(crash.AFTER_PUBLISH_BEFORE_CLEAR)
        await self._clears.do(item)
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

    async def _clear_together(self, items: Sequence[Waiting]) -> Sequence[None]:
        """Take out what went; the mark goes with the last event, and stays where more was written meanwhile.

        One command for all that wait: many small updates cost the database several times as much.
        """
        gone = [event.envelope.id for item in items for event in item.events]
        rest = {"$filter": {"input": "$outbox", "cond": {"$not": [{"$in": ["$$this.id", gone]}]}}}
        mark = {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", "$relay_at"]}
        with database_errors():
            await self._collection.update_many(
                {"_id": {"$in": [item.document_id for item in items]}, "outbox.0": {"$exists": True}},
                [{"$set": {"outbox": rest}}, {"$set": {"relay_at": mark}}],
            )
        return [None] * len(items)

    async def _sweep_forever(self) -> None:
        while True:
            more = False
            try:
                more = await self._sweep()
            except DependencyDownError as error:
                self.last_failure = str(error)
            await asyncio.sleep(0 if more else SWEEP_SECONDS)

    async def _sweep(self) -> bool:
        """Adopt what was left behind; True where more is waiting and there is room for it."""
        now = self._clock()
        with database_errors():
            rows = (
                await self._collection.find(
                    {"relay_at": {"$lte": now - timedelta(seconds=LEASE_SECONDS)}}, {"relay_at": 1}
                )
                .sort("relay_at", 1)
                .limit(len(self._known) + len(self._busy) + SWEEP_DOCUMENTS_MAX)
                .to_list(None)
            )
        OUTBOX_OLDEST_SECONDS.labels(collection=self._collection.name).set(
            (now - rows[0]["relay_at"]).total_seconds() if rows else 0
        )
        strangers = [row for row in rows if row["_id"] not in self._known and row["_id"] not in self._busy]
        for row in strangers:
            if not self._has_room():
                return False
            await self._adopt(row["_id"], row["relay_at"], now)
        return len(strangers) >= SWEEP_DOCUMENTS_MAX

    async def _adopt(self, document_id: str, seen_at: datetime, now: datetime) -> None:
        """Take over one document that was left behind; the guarded claim lets only one process do so at a time."""
        with database_errors():
            row = await self._collection.find_one_and_update(
                {"_id": document_id, "relay_at": seen_at}, {"$set": {"relay_at": now}}, return_document=True
            )
        if row is None:
            return
        try:
            item = waiting(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # One spoilt document must not end the relay for all others; it is looked at again after each lease.
            log.error("outbox-unreadable", document_id=document_id, error=type(error).__name__)  # noqa: TRY400 - no texts
            return
        known = self._known.get(document_id)
        # It may have been woken meanwhile with something newer that holds all of this.
        if known is None or known.version < item.version:
            self._note(item)
