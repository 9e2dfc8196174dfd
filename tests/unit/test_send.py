import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifier.lines import Lines, NoLineError
from services.notifier.message import DueMessage, LeasedMessage
from services.notifier.pacing import Pacing
from services.notifier.retrying import Channel
from services.notifier.send import AHEAD_MESSAGES, SenderLoop
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

    def __init__(self, due: int = 0, *, domain: Callable[[int], str] = lambda _number: "") -> None:
        self.away = False
        self.calls: list[str] = []
        self.later: dict[str, datetime] = {}
        self._due = [DueMessage(f"message-{number}", SUBMITTED_AT, domain(number)) for number in range(due)]

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

    async def put_off(self, due_at: Mapping[str, datetime], **_why: object) -> None:
        self._called("put_off")
        self.later |= due_at
        self._due = [message for message in self._due if message.message_id not in due_at]

    async def expire(self) -> int:
        self._called("expire")
        return 0


class Hands:
    """Attempts that last until they are let go."""

    def __init__(self) -> None:
        self.at_once = self.most = self.done = self.given_back = 0
        self.taken: list[str] = []
        self.ours: dict[str, Callable[[], bool]] = {}
        self.let_go = asyncio.Event()

    async def attempt(self, message: LeasedMessage, lines: Lines, still_ours: Callable[[], bool]) -> None:
        self.taken.append(message.message_id)
        self.ours[message.message_id] = still_ours
        try:
            async with lines.line():
                self.at_once += 1
                self.most = max(self.most, self.at_once)
                await self.let_go.wait()
                self.at_once -= 1
                self.done += 1
        except NoLineError:
            self.given_back += 1


class Line:
    """A connection that nothing is sent on."""

    async def deliver(self, *_mail: object, **_more: object) -> Any:
        raise AssertionError("the attempts above send nothing")

    async def close_if_idle(self) -> None:
        return

    async def close(self) -> None:
        return


@asynccontextmanager
async def sending(leases: Leases, hands: Hands, clock: Clock, pacing: Pacing | None = None) -> Any:
    loop = SenderLoop(
        messages=leases,
        attempt=hands.attempt,
        expire=leases.expire,
        lines=Lines(Line, 3),
        channel=Channel(),
        pacing=pacing or Pacing(per_second=1000.0, domain_per_second=1000.0),
        clock=clock,
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
    """What is on its way ends, what waits for a connection is given back, what is due stays for the next process."""
    leases, hands = Leases(due=50), Hands()
    async with sending(leases, hands, Clock()) as loop:
        await until(lambda: len(hands.taken) == 3 + 3 + AHEAD_MESSAGES, what="three on their way, some made ready")
        stopping = asyncio.create_task(loop.stop())
        hands.let_go.set()
        await stopping
    assert (hands.done, hands.given_back) == (3, 3 + AHEAD_MESSAGES)


async def test_a_message_is_ours_only_until_its_lease_is_over() -> None:
    """Nobody can have taken it from us as long as we give signs of life."""
    leases, hands, clock = Leases(due=1), Hands(), Clock()
    async with sending(leases, hands, clock):
        await until(lambda: hands.at_once == 1, what="one in hand")
        assert hands.ours["message-0"]()
        leases.away = True
        clock.now += timedelta(seconds=LEASE_SECONDS)
        assert not hands.ours["message-0"]()
        leases.away = False
        await until(hands.ours["message-0"], what="a sign of life")


async def test_mails_to_a_slowed_domain_are_put_off_together_and_hold_up_nobody() -> None:
    """A thousand of them lie before the others, which go at once; nothing of it is an attempt."""
    slow, fast = 1000, 5
    leases, hands, clock = (
        Leases(due=slow + fast, domain=lambda n: "slow" if n < slow else f"fast-{n}"),
        Hands(),
        Clock(),
    )
    pacing = Pacing(per_second=1000.0, domain_per_second=1.0)
    hands.let_go.set()
    async with sending(leases, hands, clock, pacing):
        await until(lambda: hands.done == 1 + fast, what="the others, and the one that the slow domain may get")
    assert hands.taken == ["message-0", *(f"message-{slow + n}" for n in range(fast))]
    assert len(leases.later) == slow - 1
    assert leases.calls.count("put_off") <= slow // 200 + 1
    assert list(leases.later.values()) == sorted(leases.later.values())
    assert leases.later["message-1"] == clock.now + timedelta(seconds=1)


async def test_no_more_go_out_in_all_than_the_rate_allows() -> None:
    """The rest stays due, untouched, until time has passed."""
    leases, hands, clock = Leases(due=10), Hands(), Clock()
    hands.let_go.set()
    async with sending(leases, hands, clock, Pacing(per_second=4.0, domain_per_second=4.0)):
        await until(lambda: hands.done == 4, what="the first second's mails")
        rounds = leases.calls.count("expire")
        await until(lambda: leases.calls.count("expire") > rounds + 2, what="more rounds")
        assert (hands.done, leases.later) == (4, {})
        clock.now += timedelta(seconds=1)
        await until(lambda: hands.done == 8, what="the next second's mails")
