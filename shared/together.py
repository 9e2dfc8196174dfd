"""Does together what waits at the same time: under load many requests share one round trip and one flush of the journal.

An item that comes alone goes at once; those that come meanwhile wait for it and then go together.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
ITEMS_MAX = 50


class Together(Generic[Item]):
    """`act` does a batch and answers with what went wrong, for each item in order; None: nothing did.

    `linger_seconds`: so long each batch waits for more, where an item is known to seldom come alone.
    """

    def __init__(
        self, act: Callable[[Sequence[Item]], Awaitable[Sequence[Exception | None]]], *, linger_seconds: float = 0.0
    ) -> None:
        self._act = act
        self._linger_seconds = linger_seconds
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is done or waits."""
        return self._running is None and not self._waiting

    async def do(self, item: Item) -> None:
        """Wait until the item is done. Raises what went wrong with it, or with the batch as a whole."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._linger_seconds:
                    await asyncio.sleep(self._linger_seconds)
                batch, self._waiting = self._waiting[:ITEMS_MAX], self._waiting[ITEMS_MAX:]
                await self._do(batch)
        finally:
            self._running = None
            for _, done in self._waiting:
                done.cancel()
            self._waiting = []

    async def _do(self, batch: Sequence[tuple[Item, asyncio.Future[None]]]) -> None:
        faults: Sequence[Exception | None]
        try:
            faults = await self._act([item for item, _ in batch])
        except asyncio.CancelledError:
            for _, done in batch:
                done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - told to everyone who waits for it
            faults = [error] * len(batch)
        if len(faults) != len(batch):
            # Nobody can tell whose answer is missing, and nobody may wait for ever.
            faults = [RuntimeError(f"{len(faults)} results for {len(batch)} items")] * len(batch)
        for (_, done), fault in zip(batch, faults, strict=True):
            if done.done():
                # Whoever waited has gone away; the item was done all the same.
                continue
            if fault is None:
                done.set_result(None)
            else:
                done.set_exception(fault)
