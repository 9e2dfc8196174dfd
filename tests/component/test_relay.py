import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import mongo
from shared import relay as module
from shared.envelope import Headers, from_headers
from shared.errors import DependencyDownError
from shared.events import CourseBooked
from shared.ids import uuid7
from shared.outbox import PendingEvent, change, guard, new_document, pending, waiting
from shared.relay import LEASE_SECONDS, Relay
from tests.embedded import Embedded
from tests.event_samples import SAMPLES
from tests.polling import until

pytestmark = pytest.mark.anyio
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Broker:
    """Takes what relays send: id and sequence by document. `away` refuses, a closed `gate` keeps senders waiting."""

    def __init__(self) -> None:
        self.got: dict[str, list[tuple[str, int]]] = {}
        self.away = False
        self.strays = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0

    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        assert topic == "forloeb.courses"
        assert value == SAMPLES[CourseBooked].model_dump_json().encode()
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        if self.away:
            raise DependencyDownError("kafka")
        if self.strays > 0:
            self.strays -= 1
            raise asyncio.CancelledError
        envelope = from_headers(headers)
        assert key == envelope.subject.encode()
        self.got.setdefault(envelope.subject, []).append((envelope.id, envelope.sequence))

    def sequences(self, document_id: str) -> list[int]:
        return [sequence for _, sequence in self.got.get(document_id, [])]


class Room:
    """One collection with outboxes, as a service has it, and its clock."""

    def __init__(self, uri: str) -> None:
        self.client = mongo.connect(uri, app_name="test-relay")
        self.documents = self.client[f"relay_{os.urandom(6).hex()}"]["courses"]
        self.broker = Broker()
        self.now = START

    def relay(self) -> Relay:
        return Relay(collection=self.documents, sender=self.broker, clock=lambda: self.now)

    def events(self, document_id: str, sequences: Sequence[int]) -> list[PendingEvent]:
        return [
            pending(
                SAMPLES[CourseBooked],
                event_id=uuid7(self.now, os.urandom(10)),
                source="/forloeb/scheduler",
                subject=document_id,
                sequence=sequence,
                now=self.now,
                traceparent="",
            )
            for sequence in sequences
        ]

    async def insert(self, document_id: str, *, events: int = 1) -> dict[str, Any]:
        document = new_document({"_id": document_id}, self.events(document_id, range(1, events + 1)), now=self.now)
        await self.documents.insert_one(document)
        return document

    async def write(self, before: dict[str, Any]) -> dict[str, Any]:
        """One more event on the document, in one guarded update as services do it."""
        sequence = before["event_sequence"] + 1
        after = await self.documents.find_one_and_update(
            guard(before["_id"], before["version"]),
            change(now=self.now, fields={"state": sequence}, events=self.events(before["_id"], [sequence])),
            return_document=True,
        )
        assert after is not None
        return after

    async def is_clear(self) -> bool:
        """Nothing is pending and nothing is marked."""
        rows = await self.documents.find().to_list(None)
        return all(row["outbox"] == [] and "relay_at" not in row for row in rows)


@pytest.fixture
async def room(stack: Embedded) -> AsyncIterator[Room]:
    room = Room(stack.mongodb)
    await room.documents.create_index("relay_at", sparse=True)
    yield room
    room.client.close()


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results), results


async def test_what_is_woken_is_published_in_order_and_cleared(room: Room) -> None:
    """The version stays as it was: only the outbox and its mark are touched."""
    relay = room.relay()
    async with running(relay):
        relay.wake(waiting(await room.insert("a", events=3)))
        await until(room.is_clear, what="the outbox is clear")
    assert room.broker.sequences("a") == [1, 2, 3]
    row = await room.documents.find_one({"_id": "a"})
    assert row == {"_id": "a", "version": 1, "event_sequence": 3, "outbox": []}


async def test_what_a_crash_left_behind_is_found_when_its_time_is_over(room: Room) -> None:
    """A document is left to the process that wrote it for a few seconds, then anybody takes it."""
    await room.insert("a", events=2)
    async with running(room.relay()):
        await asyncio.sleep(0)
        room.now += timedelta(seconds=LEASE_SECONDS - 1)
        await room.insert("b")
        room.now += timedelta(seconds=1)
        await until(lambda: room.broker.sequences("a") == [1, 2], what="the abandoned document is published")
        assert room.broker.sequences("b") == []


async def test_writes_while_publishing_go_once_and_in_order(room: Room) -> None:
    """What a later write still lists of the earlier events is not sent a second time."""
    relay = room.relay()
    room.broker.gate.clear()
    async with running(relay):
        document = await room.insert("a")
        relay.wake(waiting(document))
        await until(lambda: room.broker.waiting == 1, what="the first event is on its way")
        for _ in range(4):
            document = await room.write(document)
            relay.wake(waiting(document))
        room.broker.gate.set()
        await until(room.is_clear, what="the outbox is clear")
    assert room.broker.sequences("a") == [1, 2, 3, 4, 5]


async def test_a_change_without_events_while_publishing_leaves_nothing_behind(room: Room) -> None:
    """The clearing misses its version; the sweep takes the mark away."""
    relay = room.relay()
    room.broker.gate.clear()
    async with running(relay):
        relay.wake(waiting(await room.insert("a")))
        await until(lambda: room.broker.waiting == 1, what="the event is on its way")
        await room.documents.update_one(guard("a", 1), change(now=room.now, fields={"seen": 1}))
        room.broker.gate.set()
        await until(lambda: room.broker.sequences("a") == [1], what="the event is published")
        room.now += timedelta(seconds=LEASE_SECONDS)
        await until(room.is_clear, what="the mark is taken away")
    assert room.broker.sequences("a") == [1]


async def test_while_the_broker_is_away_everything_is_kept_and_then_goes_in_order(room: Room) -> None:
    """Each event arrives at least once, and for the first time in the order of its document."""
    relay = room.relay()
    room.broker.away = True
    async with running(relay):
        documents = [await room.insert(f"d{number}", events=2) for number in range(30)]
        for document in documents:
            relay.wake(waiting(document))
            relay.wake(waiting(await room.write(document)))
        await until(lambda: relay.last_failure == "kafka", what="the failure is shown")
        room.broker.away = False
        await until(room.is_clear, what="all outboxes are clear")
        assert relay.last_failure is None
    for document in documents:
        firsts = list(dict.fromkeys(room.broker.sequences(document["_id"])))
        assert firsts == [1, 2, 3]


async def test_the_same_event_has_the_same_id_however_often_it_goes(room: Room) -> None:
    """Consumers and operators can tell a repeat from a second event."""
    document = await room.insert("a", events=2)
    one, other = room.relay(), room.relay()
    room.broker.gate.clear()
    async with running(one, other):
        one.wake(waiting(document))
        other.wake(waiting(document))
        await until(lambda: room.broker.waiting == 2, what="both are sending")
        room.broker.gate.set()
        await until(room.is_clear, what="the outbox is clear")
        await until(lambda: len(room.broker.got["a"]) == 4, what="both have sent")
    assert len(set(room.broker.got["a"])) == 2
    assert list(dict.fromkeys(room.broker.sequences("a"))) == [1, 2]


async def test_two_processes_do_not_both_adopt_what_was_left_behind(room: Room) -> None:
    """The claim is guarded: one of them publishes."""
    for number in range(20):
        await room.insert(f"d{number}")
    room.now += timedelta(seconds=LEASE_SECONDS)
    async with running(room.relay(), room.relay(), room.relay()):
        await until(room.is_clear, what="all outboxes are clear")
    assert all(len(got) == 1 for got in room.broker.got.values())
    assert len(room.broker.got) == 20


async def test_memory_is_bounded_while_the_broker_is_away(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there is no room for stays in the database only, and goes all the same."""
    size = waiting(await room.insert("first")).size_bytes
    monkeypatch.setattr(module, "WAITING_BYTES_MAX", 5 * size)
    relay = room.relay()
    room.broker.away = True
    async with running(relay):
        for number in range(60):
            relay.wake(waiting(await room.insert(f"d{number}")))
        room.now += timedelta(seconds=LEASE_SECONDS)
        await until(lambda: relay.last_failure, what="the failure is shown")
        assert relay._known_bytes <= (5 + module.WORKERS) * size
        room.broker.away = False
        await until(room.is_clear, what="all outboxes are clear", seconds=60)
    assert len(room.broker.got) == 61
    assert relay._known_bytes == 0


async def test_one_spoilt_document_does_not_stop_the_others(room: Room) -> None:
    """It is logged and left alone; a relay that died of it would take all others with it at each start."""
    await room.documents.insert_one({"_id": "bad", "version": 1, "outbox": [{"id": "x"}], "relay_at": room.now})
    await room.insert("good")
    room.now += timedelta(seconds=LEASE_SECONDS)
    async with running(room.relay()):
        await until(lambda: room.broker.sequences("good") == [1], what="the good one is published")


async def test_a_stray_cancellation_does_not_cost_a_worker(room: Room) -> None:
    """More of them than there are workers, and everything still goes."""
    relay = room.relay()
    room.broker.strays = module.WORKERS + 4
    async with running(relay):
        for number in range(10):
            relay.wake(waiting(await room.insert(f"d{number}")))
        await until(room.is_clear, what="all outboxes are clear")
    assert len(room.broker.got) == 10


async def test_draining_waits_for_what_was_woken(room: Room) -> None:
    """A stop can give the last events a moment to go."""
    relay = room.relay()
    async with running(relay):
        relay.wake(waiting(await room.insert("a", events=5)))
        async with asyncio.timeout(10):
            await relay.drain()
        assert room.broker.sequences("a") == [1, 2, 3, 4, 5]
        assert await room.is_clear()
