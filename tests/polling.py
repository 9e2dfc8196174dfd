"""Waiting for something to become true, with a deadline: tests never sleep for a fixed time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

LOOK_SECONDS = 0.02


async def until(
    condition: Callable[[], object | Awaitable[object]],
    *,
    what: str,
    seconds: float = 60.0,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Return as soon as `condition`, which may be async, says something true; fail after so many seconds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(look_seconds)
