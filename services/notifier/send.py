"""The sender loop: takes due messages under a lease, a few at a time, and keeps the lease alive while they are in hand.

Several loops, in one process or in many, share the messages; as long as leases hold, no message is in two hands.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from services.notifier.due_queue import DueQueue, Waiting
from services.notifier.lines import Lines
from services.notifier.message import DueMessage, LeasedMessage
from services.notifier.metrics import LEASES_LOST
from services.notifier.pacing import Pacing
from services.notifier.retrying import Channel
from shared.errors import DependencyDownError

POLL_SECONDS = 1.0
LOOKS_MAX = 10
"""After so many looks at what is due in one round, other things get their turn."""
AHEAD_MESSAGES = 8
"""So many mails, and one more for each connection, are made ready or written down while the connections carry others."""
GATHER_SECONDS = 0.005
"""Finished attempts are waited for this long, so that one look into the database finds several new messages."""
STOP_SECONDS = 15.0
STALL_SECONDS = 120.0

log = structlog.get_logger(__name__)


class Leases(Waiting, Protocol):
    """The part of the message store that the loop needs."""

    async def lease(
        self, due: Sequence[DueMessage], *, lease: str, now: datetime, until: datetime
    ) -> list[LeasedMessage]: ...

    async def renew(self, message_ids: Sequence[str], *, lease: str, until: datetime) -> int: ...


@dataclass(slots=True)
class _Hand:
    """A message in our hands: nobody else can have it before `until`."""

    message_id: str
    until: datetime


Attempting = Callable[[LeasedMessage, Lines, Callable[[], bool]], Coroutine[Any, Any, None]]
"""One attempt; the last argument says whether the message is still in our hands."""


class SenderLoop:
    """One process's sender: at most as many mails on their way at a time as there are lines.

    `expire` takes messages away from senders that gave no sign of life, and answers how many.
    """

    def __init__(
        self,
        *,
        messages: Leases,
        attempt: Attempting,
        expire: Callable[[], Awaitable[int]],
        lines: Lines,
        channel: Channel,
        pacing: Pacing,
        clock: Callable[[], datetime],
        lease_seconds: float,
    ) -> None:
        self._messages = messages
        self._attempt = attempt
        self._expire = expire
        self._lines = lines
        self._channel = channel
        self._clock = clock
        self._in_hand_max = 2 * lines.count + AHEAD_MESSAGES
        self._enough_in_hand = lines.count + (lines.count + AHEAD_MESSAGES) // 2
        self._lease_time = timedelta(seconds=lease_seconds)
        self._poll_seconds = min(POLL_SECONDS, lease_seconds / 4)
        self._lease = secrets.token_hex(8)
        self._in_hand: dict[asyncio.Task[None], _Hand] = {}
        self._due = DueQueue(messages, pacing, clock)
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
        self._lines.begin_no_more()
        async with self._round:
            # What is just being taken up is in hand as well.
            tasks = list(self._in_hand)
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._lines.close()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._woken.wait()
            if len(self._in_hand) >= self._lines.count:
                await asyncio.sleep(GATHER_SECONDS)

    async def _tend(self) -> None:
        """Now and then: keep our leases alive, and only then take away those of others that gave no sign of life."""
        if asyncio.get_running_loop().time() < self._tend_at:
            return
        self._tend_at = asyncio.get_running_loop().time() + self._poll_seconds
        if self._in_hand:
            await self._renew(list(self._in_hand.values()))
        if self._expire_from is None or self._clock() >= self._expire_from:
            lost = await self._expire()
            if lost:
                LEASES_LOST.inc(lost)
                log.warning("leases-expired", messages=lost)
        await self._lines.close_idle()

    async def _renew(self, ours: list[_Hand]) -> None:
        until = self._clock() + self._lease_time
        names = [hand.message_id for hand in ours]
        if await self._messages.renew(names, lease=self._lease, until=until) == len(ours):
            for hand in ours:
                hand.until = until

    async def _take(self) -> None:
        """Take up as many due messages as there is room for, several at a time: each look and each lease is a round trip."""
        for _ in range(LOOKS_MAX):
            if (room := self._room()) <= 0 or len(self._in_hand) >= self._enough_in_hand:
                return
            taken = await self._due.take(room)
            if taken.until is not None:
                self._wake_at(taken.until)
            await self._take_up(taken.messages)
            if taken.is_all:
                return
        self._woken.set()

    def _wake_at(self, moment: datetime) -> None:
        seconds = (moment - self._clock()).total_seconds()
        if seconds < self._poll_seconds:
            asyncio.get_running_loop().call_later(seconds, self._woken.set)

    async def _take_up(self, wanted: list[DueMessage]) -> None:
        if not wanted:
            return
        now = self._clock()
        until = now + self._lease_time
        for message in await self._messages.lease(wanted, lease=self._lease, now=now, until=until):
            hand = _Hand(message.message_id, until)
            task = asyncio.create_task(self._attempt(message, self._lines, partial(self._is_ours, hand)))
            self._in_hand[task] = hand
            task.add_done_callback(self._ended)

    def _is_ours(self, hand: _Hand) -> bool:
        return self._clock() < hand.until

    def _room(self) -> int:
        if self._stopping:
            return 0
        return self._channel.room(self._in_hand_max, len(self._in_hand), self._clock())

    def _ended(self, task: "asyncio.Task[None]") -> None:
        del self._in_hand[task]
        self._woken.set()
        if not task.cancelled() and task.exception() is not None:
            # The message stays leased: it will expire, and be tried again.
            log.error("attempt-broke-off", exc_info=task.exception())
