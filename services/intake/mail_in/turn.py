"""Keeps the turn to take mails in for this process, as long as it works; another one gets it within seconds after."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.intake.mail_in.turn_store import Turns
from shared.errors import DependencyDownError

TURN: Final = timedelta(seconds=6)
RENEW_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


class Turn:
    """`holder` names this process. Where a turn is lost in the midst of a mail, the guards of its writes hold all the same."""

    def __init__(self, turns: Turns, *, holder: str, clock: Callable[[], datetime]) -> None:
        self._turns = turns
        self._holder = holder
        self._clock = clock
        self._until: datetime | None = None

    @property
    def is_ours(self) -> bool:
        return self._until is not None and self._clock() < self._until

    async def run(self) -> None:
        """Ask for it, and renew it, until cancelled."""
        while True:
            with suppress(DependencyDownError):
                await self.ask()
            await asyncio.sleep(RENEW_SECONDS)

    async def ask(self) -> None:
        """Ask once. Raises DependencyDownError."""
        now = self._clock()
        is_ours = await self._turns.hold(self._holder, now=now, until=now + TURN)
        if is_ours and self._until is None:
            log.info("taking-mails-in")
        self._until = now + TURN if is_ours else None

    async def end(self) -> None:
        """Leave it to the next one at once."""
        self._until = None
        with suppress(DependencyDownError):
            await self._turns.end(self._holder)
