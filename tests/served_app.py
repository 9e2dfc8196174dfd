"""An application of a test behind a real HTTP server, for browsers: what it works with stays in the test's hands."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from shared.http_protocol import BoundedHeads
from tests.polling import until


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test run's."""
        yield


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[None]:
    """The application at 127.0.0.1 on that port."""
    config = uvicorn.Config(
        app,
        port=port,
        http=BoundedHeads,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started, what="the pages are served")
        yield
    finally:
        server.should_exit = True
        await serving
