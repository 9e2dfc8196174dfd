"""Runs a service against noida-db: as `forloeb run`, but it does not ask again at once when it is told that there is nothing.

Kafka keeps a fetch waiting until there is something (half a second at most); noida-db does the same, except for partitions
that nothing was ever written to: it answers at once, and each service would spend a third of a core on asking.
"""

import asyncio
import time
from typing import Any

from aiokafka.consumer.fetcher import Fetcher

AT_ONCE_SECONDS = 0.02
PAUSE_SECONDS = 0.05


def pace() -> None:
    """Have every consumer of this process pause after an answer that came at once and held nothing."""
    fetch = Fetcher._proc_fetch_request  # noqa: SLF001 - the client has no setting for it

    async def paced(self: Any, assignment: Any, node_id: int, request: Any) -> bool:
        begun = time.monotonic()
        found: bool = await fetch(self, assignment, node_id, request)
        if not found and time.monotonic() - begun < AT_ONCE_SECONDS:
            await asyncio.sleep(PAUSE_SECONDS)
        return found

    Fetcher._proc_fetch_request = paced  # noqa: SLF001 - same


if __name__ == "__main__":
    from services.cli import main

    pace()
    main()
