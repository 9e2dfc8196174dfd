import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifier.attempt import Transport
from services.notifier.message import DueMessage, LeasedMessage
from services.notifier.retrying import Channel
from services.notifier.send import SenderLoop
from shared.errors import DependencyDownError
from tests.notifier_samples import SUBMITTED_AT, leased
from tests.polling import until

LEASE_SECONDS = 0.2


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Leases:
    """A store with so many due messages; `away` makes it unreachable."""

    def __init__(self, due: int = 0) -> None:
        self.away = False
        self.calls: list[str] = []
        self._due = [DueMessage(f"message-{number}", SUBMITTED_AT) for number in range(due)]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.away:
            raise DependencyDownError("database")

    async def due(self, count: int, **_now: object) -> list[DueMessage]:
        self._called("due")
        return self._due[:count]

    async def lease(self, due: Sequence[DueMessage], **_lease: object) -> list[LeasedMessage]:
        self._called("lease")
        taken = [message for message in due if message in self._due]
        self._due = [message for message in self._due if message not in taken]
        return [leased(int(message.message_id.split("-")[1])) for message in taken]

    async def renew(self, message_ids: Sequence[str], **_lease: object) -> int:
        self._called("renew")
        return len(message_ids)

    async def expire(self) -> int:
        self._called("expire")
        return 0


class Hands:
    """Attempts that last until they are let go."""

    def __init__(self) -> None:
        self.at_once = self.most = self.done = 0
        self.let_go = asyncio.Event()

    async def attempt(self, _message: LeasedMessage, _transport: Transport) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.let_go.wait()
        self.at_once -= 1
        self.done += 1


class Line:
    """A connection that nothing is sent on."""

    async def deliver(self, _mail: bytes, **_envelope: str) -> Any:
        raise AssertionError("the attempts above send nothing")

    async def close_if_idle(self) -> None:
        return

    async def close(self) -> None:
        return


@asynccontextmanager
async def sending(leases: Leases, hands: Hands, clock: Clock) -> Any:
    loop = SenderLoop(
        messages=leases,
        attempt=hands.attempt,
        expire=leases.expire,
        connect=Line,
        channel=Channel(),
        clock=clock,
        connections=3,
        lease_seconds=LEASE_SECONDS,
    )
    task = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        hands.let_go.set()
        await loop.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_no_more_mails_are_in_hand_than_there_are_connections() -> None:
    """And as soon as one is done the next is taken up, until nothing is left."""
    leases, hands = Leases(due=10), Hands()
    async with sending(leases, hands, Clock()):
        await until(lambda: hands.at_once == 3, what="three in hand")
        hands.let_go.set()
        await until(lambda: hands.done == 10, what="all done")
    assert hands.most == 3


async def test_mails_in_hand_are_renewed_before_others_are_expired() -> None:
    """After a pause of the process its own leases must not be the first to fall."""
    leases, hands = Leases(due=1), Hands()
    async with sending(leases, hands, Clock()):
        await until(lambda: leases.calls.count("expire") >= 3, what="a few rounds")
    first = leases.calls.index("renew")
    assert leases.calls[first + 1] == "expire"
    assert leases.calls.count("renew") >= leases.calls.count("expire") - 1


async def test_after_an_outage_of_the_database_nobody_is_taken_for_dead_at_once() -> None:
    """While it was away nobody could give a sign of life: everybody gets a lease's time first."""
    leases, clock = Leases(), Clock()
    leases.away = True
    async with sending(leases, Hands(), clock):
        await until(lambda: len(leases.calls) >= 2, what="tries in vain")
        leases.away = False
        leases.calls.clear()
        await until(lambda: leases.calls.count("due") >= 5, what="rounds after the outage")
        assert "expire" not in leases.calls
        clock.now += timedelta(seconds=LEASE_SECONDS)
        await until(lambda: "expire" in leases.calls, what="the usual care again")


async def test_a_stop_takes_nothing_more_up() -> None:
    """What is in hand ends, what is due stays for the next process."""
    leases, hands = Leases(due=10), Hands()
    async with sending(leases, hands, Clock()) as loop:
        await until(lambda: hands.at_once == 3, what="three in hand")
        stopping = asyncio.create_task(loop.stop())
        hands.let_go.set()
        await stopping
    assert hands.done == 3
