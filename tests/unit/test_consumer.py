import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared import consuming as module
from shared.consuming import Consumer
from shared.envelope import Envelope, to_headers
from shared.errors import DependencyDownError
from shared.events import COURSES, CourseBooked, Event
from shared.kafka import KafkaAddress
from tests.event_samples import SAMPLES, envelope_of
from tests.polling import until

pytestmark = pytest.mark.anyio
BODY = SAMPLES[CourseBooked].model_dump_json().encode()
P0, P1 = TopicPartition(COURSES, 0), TopicPartition(COURSES, 1)


@dataclass
class Broker:
    """In the place of the client: what it was asked to commit, and what it says of itself."""

    owned: set[TopicPartition] = field(default_factory=lambda: {P0, P1})
    commits: list[dict[TopicPartition, int]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    behind: int = 0
    coordination_is_over: bool = False
    abandoned: bool = False

    async def abandon(self) -> None:
        self.abandoned = True

    def assignment(self) -> set[TopicPartition]:
        return self.owned

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.commits.append(offsets)

    def lag(self) -> int:
        return self.behind

    def coordination_ended(self) -> bool:
        return self.coordination_is_over


class Case:
    """A consumer without a connection; `gate` holds its handler."""

    def __init__(self) -> None:
        self.broker = Broker()
        self.gate = asyncio.Event()
        self.gate.set()
        self.handled: list[str] = []
        self.error: Exception | None = None
        self.consumer = Consumer(
            address=KafkaAddress(bootstrap_servers="127.0.0.1:1"),
            group="g",
            handlers={CourseBooked: self.handle},
            dead_letters=self,
            clock=lambda: datetime.now(UTC),
        )
        self.loop_task = asyncio.create_task(asyncio.Event().wait())
        self.consumer._subscriber = SimpleNamespace(consumer=self.broker, tasks=[self.loop_task])
        self.consumer._started = True

    async def send(self, **_record: Any) -> None:
        raise AssertionError("nothing here becomes a dead letter")

    async def handle(self, _event: Event, envelope: Envelope) -> str:
        await self.gate.wait()
        if self.error:
            raise self.error
        self.handled.append(envelope.subject)
        return "handled"

    async def read(self, partition: TopicPartition, offset: int) -> None:
        subject = f"{partition.partition}-{offset}"
        await self.consumer._on_record(
            SimpleNamespace(
                topic=partition.topic,
                partition=partition.partition,
                offset=offset,
                key=b"k",
                value=BODY,
                timestamp=1,
                headers=to_headers(envelope_of(CourseBooked, subject=subject)),
            )
        )


@pytest.fixture
async def case() -> Any:
    case = Case()
    yield case
    case.loop_task.cancel()


async def test_records_leave_the_loop_its_turn(case: Case) -> None:
    """A backlog of records that need no I/O must not starve the heartbeats: the member would be thrown out."""
    turns = 0

    async def heartbeat() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beating = asyncio.create_task(heartbeat())
    for offset in range(500):
        await case.read(P0, offset)
    beating.cancel()
    assert turns >= 500


async def test_only_what_is_finished_and_owned_is_committed(case: Case) -> None:
    """A partition that somebody else has now is not ours to commit."""
    await case.read(P0, 7)
    await case.read(P1, 3)
    case.broker.owned = {P1}
    await case.consumer._commit()
    assert case.broker.commits == [{P1: 4}]


async def test_a_commit_that_fails_is_made_again_with_the_newest_offset(case: Case) -> None:
    """Nothing is lost by it but time."""
    await case.read(P0, 7)
    case.broker.errors = [CommitFailedError("rebalanced")]
    await case.consumer._commit()
    await case.read(P0, 8)
    await case.consumer._commit()
    await case.consumer._commit()
    assert case.broker.commits == [{P0: 9}]


async def test_losing_partitions_waits_for_the_record_in_hand_and_commits_it(case: Case) -> None:
    """The new owner begins behind it; records of the lost partitions that were read ahead are not begun."""
    case.gate.clear()
    reading = asyncio.create_task(case.read(P0, 7))
    await until(lambda: not case.consumer._idle.is_set(), what="a record is in hand")
    losing = asyncio.create_task(case.consumer._on_revoked({P0, P1}))
    await asyncio.sleep(0)
    await case.read(P1, 1)
    case.gate.set()
    await losing
    await reading
    assert case.broker.commits == [{P0: 8}]
    assert case.handled == ["0-7"]
    case.consumer._on_assigned({P0})
    await case.read(P0, 8)
    await case.read(P1, 1)
    assert case.handled == ["0-7", "0-8"]


async def test_losing_partitions_does_not_wait_for_a_dependency(case: Case) -> None:
    """What is held is abandoned and not committed."""
    case.error = DependencyDownError("database")
    reading = asyncio.create_task(case.read(P0, 7))
    await until(lambda: case.consumer.holding, what="the record is held")
    async with asyncio.timeout(2):
        await case.consumer._on_revoked({P0, P1})
        await reading
    assert case.broker.commits == []
    assert case.consumer.holding is None


async def test_a_stop_finishes_the_record_in_hand_and_takes_no_other(case: Case) -> None:
    """Its offset is committed before the group is left."""
    case.gate.clear()
    reading = asyncio.create_task(case.read(P0, 7))
    await until(lambda: not case.consumer._idle.is_set(), what="a record is in hand")
    stopping = asyncio.create_task(case.consumer.stop())
    await asyncio.sleep(0)
    case.gate.set()
    await stopping
    await reading
    await case.read(P0, 8)
    assert (case.broker.commits, case.handled) == ([{P0: 8}], ["0-7"])


async def test_a_healthy_consumer_is_not_stalled(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle for a long time with nothing to read is health; while it holds, it waits for others."""
    monkeypatch.setattr(module, "STALL_SECONDS", -1.0)
    assert case.consumer.stalled() is None
    case.broker.behind = 5
    case.consumer._guard.hold("database")
    assert case.consumer.stalled() is None
    case.consumer._guard.hold(None)
    case.consumer._started = False
    assert case.consumer.stalled() is None
    assert case.consumer.holding == "kafka"


async def test_what_can_make_no_progress_says_why(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records there and nothing moving; the group task dead; the consume loop dead."""
    monkeypatch.setattr(module, "STALL_SECONDS", -1.0)
    case.broker.behind = 5
    assert case.consumer.stalled() == "no progress for 0 s"
    case.broker.behind = 0
    case.consumer._idle.clear()
    assert case.consumer.stalled() == "no progress for 0 s"
    case.consumer._idle.set()
    case.broker.coordination_is_over = True
    assert case.consumer.stalled() == "group coordination ended"
    case.loop_task.cancel()
    await asyncio.gather(case.loop_task, return_exceptions=True)
    assert case.consumer.stalled() == "consume loop ended"


async def test_a_goodbye_that_hangs_ends_without_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the client's heartbeats would go on, and the group would keep our partitions for nobody."""
    monkeypatch.setattr(module, "LEAVE_SECONDS", 0.02)
    case.consumer._broker = SimpleNamespace(stop=asyncio.Event().wait)  # type: ignore[assignment]
    await case.consumer.stop()
    assert case.broker.abandoned
