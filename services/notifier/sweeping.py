"""A loop that looks for work in the database until it is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from shared.errors import DependencyDownError

SWEEP_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


async def sweep(look: Callable[[], Awaitable[object]], *, step: str) -> None:
    """Look once a second, also after the database or the key store gave no answer. `step` names the loop in the log."""
    while True:
        try:
            await look()
        except DependencyDownError:
            log.warning("put-off", step=step, retry_seconds=SWEEP_SECONDS)
        await asyncio.sleep(SWEEP_SECONDS)
