"""Who watches live: each gets what passes through a bounded queue of its own; who cannot follow is let go and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.monitor.metrics import CLIENTS, CLIENTS_DROPPED
from services.monitor.sighting import Sighting

CLIENTS_MAX = 100
CLIENT_MESSAGES_MAX = 1_000


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of the stream: `data` is JSON; `number` is that of the record, None for what is only of the moment."""

    event: str
    data: str
    number: int | None = None


class TooManyClientsError(Exception):
    """There is no place for another one now."""


@dataclass(kw_only=True, eq=False)
class Client:
    """Wants the records of one topic, or of one reference, or all."""

    topic: str | None = None
    reference: str | None = None
    queue: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(CLIENT_MESSAGES_MAX))

    def wants(self, seen: Sighting) -> bool:
        return self.topic in (None, seen.topic) and self.reference in (None, seen.reference)

    async def messages(self) -> AsyncIterator[Message]:
        """Until it is let go."""
        while (message := await self.queue.get()) is not None:
            yield message


class Hub:
    """Hands every message to all clients without ever waiting for one."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        # The newest of each kind of message that is only of the moment, for whoever comes.
        self._state: dict[str, Message] = {}
        self._closed = False

    @contextmanager
    def client(self, *, topic: str | None = None, reference: str | None = None) -> Iterator[Client]:
        """A place in the audience, for as long as the block.

        Raises:
            TooManyClientsError: all are taken, or the end has come.

        """
        if self._closed or len(self._clients) >= CLIENTS_MAX:
            raise TooManyClientsError
        client = Client(topic=topic, reference=reference)
        for message in self._state.values():
            client.queue.put_nowait(message)
        self._clients.add(client)
        CLIENTS.set(len(self._clients))
        try:
            yield client
        finally:
            self._clients.discard(client)
            CLIENTS.set(len(self._clients))

    def show(self, seen: Sighting, data: str) -> None:
        """A record, to all who want it."""
        message = Message(event="seen", data=data, number=seen.number)
        for client in [client for client in self._clients if client.wants(seen)]:
            self._give(client, message)

    def tell(self, event: str, data: str) -> None:
        """A state of the moment, to all."""
        message = Message(event=event, data=data)
        self._state[event] = message
        for client in list(self._clients):
            self._give(client, message)

    def _give(self, client: Client, message: Message) -> None:
        try:
            client.queue.put_nowait(message)
        except asyncio.QueueFull:
            # Too slow. It comes back with the number of the last that it got.
            CLIENTS_DROPPED.inc()
            self._let_go(client)

    def _let_go(self, client: Client) -> None:
        """Throw away what waits for it, and end its stream."""
        self._clients.discard(client)
        CLIENTS.set(len(self._clients))
        while not client.queue.empty():
            client.queue.get_nowait()
        client.queue.put_nowait(None)

    def close(self) -> None:
        """End all streams, and take no more clients: the process stops."""
        self._closed = True
        for client in list(self._clients):
            self._let_go(client)

    @property
    def watched(self) -> bool:
        """Whether anybody is there."""
        return bool(self._clients)
