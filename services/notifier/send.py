"""The sender loop: takes due messages under a lease, a few at a time, and keeps the lease alive while they are in hand.

Several loops, in one process or in many, share the messages; as long as leases hold, no message is in two hands.
"""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.notifier.attempt import Transport
from services.notifier.message import DueMessage, LeasedMessage
from services.notifier.metrics import LEASES_LOST, OLDEST_DUE_SECONDS
from services.notifier.retrying import Channel
from shared.errors import DependencyDownError

POLL_SECONDS = 1.0
LOOK_AHEAD_MESSAGES = 200
GATHER_SECONDS = 0.005
"""Finished attempts are waited for this long, so that one look into the database finds several new messages."""
STOP_SECONDS = 15.0
STALL_SECONDS = 120.0

log = structlog.get_logger(__name__)


class Leases(Protocol):
    """The part of the message store that the loop needs."""

    async def due(self, count: int, *, now: datetime) -> list[DueMessage]: ...

    async def lease(
        self, due: Sequence[DueMessage], *, lease: str, now: datetime, until: datetime
    ) -> list[LeasedMessage]: ...

    async def renew(self, message_ids: Sequence[str], *, lease: str, until: datetime) -> int: ...


class SenderLoop:
    """One process's sender: at most `connections` mails in hand at a time, each on a connection of its own.

    `expire` takes messages away from senders that gave no sign of life, and answers how many.
    """

    def __init__(
        self,
        *,
        messages: Leases,
        attempt: Callable[[LeasedMessage, Transport], Awaitable[None]],
        expire: Callable[[], Awaitable[int]],
        connect: Callable[[], Transport],
        channel: Channel,
        clock: Callable[[], datetime],
        connections: int,
        lease_seconds: float,
    ) -> None:
        self._messages = messages
        self._attempt = attempt
        self._expire = expire
        self._connect = connect
        self._channel = channel
        self._clock = clock
        self._connections = connections
        self._lease_time = timedelta(seconds=lease_seconds)
        self._poll_seconds = min(POLL_SECONDS, lease_seconds / 4)
        self._lease = secrets.token_hex(8)
        self._in_hand: dict[asyncio.Task[None], str] = {}
        self._free: list[Transport] = []
        self._due: deque[DueMessage] = deque()
        self._woken = asyncio.Event()
        self._round = asyncio.Lock()
        self._stopping = False
        self._tend_at = 0.0
        self._expire_from: datetime | None = None
        self._last_round: float | None = None

    def wake(self) -> None:
        """There are new messages."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._woken.clear()
            self._last_round = time.monotonic()
            try:
                async with self._round:
                    await self._tend()
                    await self._take()
            except DependencyDownError:
                # While the database was away nobody could renew a lease: give everybody the time to do so first.
                self._expire_from = self._clock() + self._lease_time
                await asyncio.sleep(self._poll_seconds)
            await self._pause()

    def stalled(self) -> str | None:
        """Why nothing is sent any more although nothing is away; None while all is well."""
        if self._last_round is None or self._stopping:
            return None
        silent = time.monotonic() - self._last_round
        return f"sender: no round for {int(silent)} s" if silent > STALL_SECONDS else None

    async def stop(self) -> None:
        """Take nothing more up, and let what is in hand end. What does not end in time is tried again after its lease."""
        self._stopping = True
        async with self._round:
            # What is just being taken up is in hand as well.
            tasks = list(self._in_hand)
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await asyncio.gather(*(transport.close() for transport in self._free))

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._woken.wait()
            if len(self._in_hand) > self._connections // 2:
                await asyncio.sleep(GATHER_SECONDS)

    async def _tend(self) -> None:
        """Now and then: keep our leases alive, and only then take away those of others that gave no sign of life."""
        if asyncio.get_running_loop().time() < self._tend_at:
            return
        self._tend_at = asyncio.get_running_loop().time() + self._poll_seconds
        ours = list(self._in_hand.values())
        if ours:
            await self._messages.renew(ours, lease=self._lease, until=self._clock() + self._lease_time)
        if self._expire_from is None or self._clock() >= self._expire_from:
            lost = await self._expire()
            if lost:
                LEASES_LOST.inc(lost)
                log.warning("leases-expired", messages=lost)
        await asyncio.gather(*(transport.close_if_idle() for transport in self._free))

    async def _take(self) -> None:
        """Take up as many due messages as there is room for; looked up in advance, since looking is the dear part."""
        while (room := self._room()) > 0:
            if not self._due:
                self._due = deque(await self._messages.due(LOOK_AHEAD_MESSAGES, now=self._clock()))
                late = self._clock() - self._due[0].due_at if self._due else timedelta(0)
                OLDEST_DUE_SECONDS.set(late.total_seconds())
                if not self._due:
                    return
            wanted = [self._due.popleft() for _ in range(min(room, len(self._due)))]
            now = self._clock()
            for message in await self._messages.lease(wanted, lease=self._lease, now=now, until=now + self._lease_time):
                task = asyncio.create_task(self._attempt_on_a_connection(message))
                self._in_hand[task] = message.message_id
                task.add_done_callback(self._ended)

    def _room(self) -> int:
        if self._stopping:
            return 0
        return self._channel.room(self._connections, len(self._in_hand), self._clock())

    async def _attempt_on_a_connection(self, message: LeasedMessage) -> None:
        transport = self._free.pop() if self._free else self._connect()
        try:
            await self._attempt(message, transport)
        finally:
            self._free.append(transport)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._in_hand[task]
        self._woken.set()
        if not task.cancelled() and task.exception() is not None:
            # The message stays leased: it will expire, and be tried again.
            log.error("attempt-broke-off", exc_info=task.exception())
