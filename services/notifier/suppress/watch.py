"""Keeps the number of addresses that take no mail, for the metrics."""

import asyncio
from typing import Final, Protocol

import structlog

from services.notifier.metrics import SUPPRESSED
from shared.errors import DependencyDownError

WATCH_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


class Counted(Protocol):
    async def count(self) -> int:
        """How many are in force. Raises DependencyDownError."""


async def watch_suppressed(suppressions: Counted) -> None:
    """Count until cancelled; while the database is away the last number stays."""
    while True:
        try:
            SUPPRESSED.set(await suppressions.count())
        except DependencyDownError:
            log.warning("put-off", step="suppressions", retry_seconds=WATCH_SECONDS)
        await asyncio.sleep(WATCH_SECONDS)
