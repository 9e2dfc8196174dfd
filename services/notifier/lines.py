"""The connections of one process: so many mails are on their way at once, each on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from services.notifier.classify import Outcome
from services.notifier.smtp import Envelope


class Transport(Protocol):
    """One connection to the mail server, used for one mail at a time."""

    async def deliver(self, mail: bytes, envelope: Envelope, *, still_ours: Callable[[], bool]) -> Outcome:
        """One attempt; never raises for what a server or a network does. See `SmtpConnection.deliver`."""

    async def close_if_idle(self) -> None: ...

    async def close(self) -> None: ...


class NoLineError(Exception):
    """No connection is to be had just now."""


class Lines:
    """At most `count` connections, made by `connect` when they are needed, and kept."""

    def __init__(self, connect: Callable[[], Transport], count: int) -> None:
        self.count = count
        self._connect = connect
        self._room = asyncio.Semaphore(count)
        self._free: list[Transport] = []
        self._closed = False

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Transport]:
        """A connection for one mail; who came first is served first.

        Raises:
            NoLineError: the process stops.

        """
        async with self._room:
            if self._closed:
                raise NoLineError
            transport = self._free.pop() if self._free else self._connect()
            try:
                yield transport
            finally:
                self._free.append(transport)

    async def close_idle(self) -> None:
        """Of the connections that are free, those that were for long."""
        await asyncio.gather(*(transport.close_if_idle() for transport in self._free))

    def begin_no_more(self) -> None:
        """Who waits for a connection gets none; what is on its way goes on."""
        self._closed = True

    async def close(self) -> None:
        """Say good-bye on all connections that are free."""
        await asyncio.gather(*(transport.close() for transport in self._free))
