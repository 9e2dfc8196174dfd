"""The messages that are due, in their order, as far as they may go out now."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.notifier.message import DueMessage
from services.notifier.metrics import OLDEST_DUE_SECONDS, PUT_OFF
from services.notifier.pacing import Go, Pacing, PutOff, Wait

LOOK_AHEAD_MESSAGES = 200
PACED = "paced"
"""Why a message waits whose recipient's domain gets no more just now."""


class Waiting(Protocol):
    """The part of the message store that holds what waits."""

    async def due(self, count: int, *, now: datetime) -> list[DueMessage]: ...

    async def put_off(self, due_at: Mapping[str, datetime], *, why: str, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """`is_all`: nothing else may go now, or before `until` where that is known."""

    messages: list[DueMessage]
    is_all: bool
    until: datetime | None = None


class DueQueue:
    """Looked up in advance, since looking is the dear part; whoever sends one leases it first."""

    def __init__(self, messages: Waiting, pacing: Pacing, clock: Callable[[], datetime]) -> None:
        self._messages = messages
        self._pacing = pacing
        self._clock = clock
        self._due: deque[DueMessage] = deque()

    async def take(self, room: int) -> Taken:
        """Up to `room` of the next ones. Those to domains that get no more just now are put off together."""
        if not self._due and not await self._look():
            return Taken([], is_all=True)
        wanted: list[DueMessage] = []
        later: dict[str, datetime] = {}
        now, until = self._clock(), None
        while self._due and len(wanted) < room and until is None:
            match self._pacing.admit(self._due[0].domain, now):
                case Go():
                    wanted.append(self._due.popleft())
                case PutOff(moment):
                    later[self._due.popleft().message_id] = moment
                case Wait(moment):
                    until = moment
        if later:
            await self._messages.put_off(later, why=PACED, now=now)
            PUT_OFF.inc(len(later))
        return Taken(wanted, is_all=until is not None, until=until)

    async def _look(self) -> bool:
        now = self._clock()
        self._due = deque(await self._messages.due(LOOK_AHEAD_MESSAGES, now=now))
        late = now - self._due[0].due_at if self._due else timedelta(0)
        OLDEST_DUE_SECONDS.set(late.total_seconds())
        return bool(self._due)
