"""A sender is killed, or frozen, at each point of an attempt: every mail arrives, and twice only where nobody can know."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.notifier.message import NewMessage
from shared import crash
from shared.events import MessageSent
from shared.kafka import KafkaAddress, create_topics
from tests.embedded import Embedded
from tests.polling import until
from tests.scripted_smtp import HOLD, POLITE, ScriptedSmtp
from tests.sender_house import SenderHouse, SenderProcess

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

# In the order of an attempt; with the copies that the server holds when the sender dies there for the first time.
POINTS = {
    crash.AFTER_LEASE: 0,
    crash.AFTER_RCPT: 0,
    crash.AFTER_DATA_STARTED: 0,
    crash.AFTER_DOT: 1,
    crash.AFTER_DATA_BEFORE_RECEIPT: 1,
    crash.AFTER_FINISH: 1,
}


@asynccontextmanager
async def house_of(stack: Embedded, folder: Path) -> AsyncIterator[tuple[SenderHouse, ScriptedSmtp]]:
    await create_topics(KafkaAddress(bootstrap_servers=stack.kafka))
    async with ScriptedSmtp() as server:
        house = SenderHouse(stack, server.port, folder)
        try:
            yield house, server
        finally:
            await house.close()


def test_every_point_of_an_attempt_has_its_case() -> None:
    """A new crash point cannot be forgotten here."""
    assert set(POINTS) - {crash.AFTER_DATA_BEFORE_RECEIPT} == crash.SENDING_POINTS


async def test_a_sender_killed_at_each_point_loses_nothing_and_copies_only_after_the_dot(
    own_stack: Embedded, tmp_path: Path
) -> None:
    """One mail, and a process after the other that dies with it in hand, each one step further than the one before.

    Each lost attempt is kept as unknown; all copies have one Message-ID; the event is there once.
    """
    async with house_of(own_stack, tmp_path) as (house, server):
        message = await house.put()
        copies, lost = 0, 0
        for point, held in POINTS.items():
            running = house.start(crash_at=point)
            await until(lambda running=running: not running.alive, what=f"the sender dies {point}")  # type: ignore[misc]
            copies += held
            await until(lambda copies=copies: len(server.held) == copies, what="the copies")  # type: ignore[misc]
            found = await house.find(message)
            assert [attempt.outcome for attempt in found.attempts[:lost]] == ["unknown"] * lost
            assert found.state == ("accepted" if point == crash.AFTER_FINISH else "sending")
            assert await house.published(message) == []
            lost += 1
        house.start()
        await until(lambda: house.published(message), what="the event", look_seconds=0.2)
        last = await house.find(message)
        assert (last.state, len(last.attempts), last.event_sequence) == ("accepted", lost, 1)
        assert [attempt.outcome for attempt in last.attempts] == ["unknown"] * (lost - 1) + ["accepted"]
        assert [(sequence, kind) for sequence, _, kind in await house.published(message)] == [(1, MessageSent.type)]
    assert len(server.held) == sum(POINTS.values())
    assert len(set(server.held)) == 1
    assert message.internet_message_id.encode() in server.held[0]


async def test_of_two_senders_only_one_that_was_frozen_sends_again_and_what_it_heard_counts_no_more(
    own_stack: Embedded, tmp_path: Path
) -> None:
    """Frozen before the mail goes out, it lets the mail alone afterwards; frozen after it, the answer comes too late."""
    async with house_of(own_stack, tmp_path) as (house, server):
        first = house.start()
        shared = [await house.put() for _ in range(4)]
        for message in shared:
            await house.until(message, lambda found: found.state == "accepted", what="all accepted")
        second = house.start()
        await until(lambda: "starting" in second.log.read_text(), what="the second process")
        shared += [await house.put() for _ in range(20)]
        for message in shared:
            await house.until(message, lambda found: found.state == "accepted", what="all accepted")
        assert len(server.held) == len(shared)

        for verb, copies in (("RCPT", 1), ("DOT", 2)):
            held = len(server.held)
            message = await _taken_over(house, server, verb, frozen=first, other=second)
            found = await house.find(message)
            assert [attempt.outcome for attempt in found.attempts] == ["unknown", "accepted"]
            assert len(server.held) == held + copies
            assert len(set(server.held[held:])) == 1
            await until(lambda message=message: house.published(message), what="the event", look_seconds=0.2)  # type: ignore[misc]
            assert [sequence for sequence, *_ in await house.published(message)] == [1]
        assert first.log.read_text().count("lease-was-lost") == 1


async def _taken_over(
    house: SenderHouse, server: ScriptedSmtp, verb: str, *, frozen: SenderProcess, other: SenderProcess
) -> NewMessage:
    """A mail that the one has in hand at this verb when it is frozen, that the other sends, and that the one then goes on with."""
    other.send(signal.SIGSTOP)
    server.let_go.clear()
    server.be_rude(verb, HOLD, POLITE[verb])
    before = server.verbs.count(verb)
    message = await house.put()
    await until(lambda: server.verbs.count(verb) > before, what=f"{verb} of the first")
    frozen.send(signal.SIGSTOP)
    other.send(signal.SIGCONT)
    await house.until(message, lambda found: found.state == "accepted", what="the other one's work")
    server.let_go.set()
    frozen.send(signal.SIGCONT)
    wrote = "lease-was-lost" if verb == "DOT" else "lease-was-over"
    await until(lambda: wrote in frozen.log.read_text(), what="what the first makes of it")
    return message
