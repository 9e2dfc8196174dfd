"""Intake of tests/intake_house.py behind a real HTTP server, for browsers: its clock and its store stay in the test's hands."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from deploy.local.ports import free_ports
from shared.http_protocol import BoundedHeads
from tests.intake_house import House, house, settings_for
from tests.polling import until
from tests.staff_accounts import write_staff_file


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test run's."""
        yield


@asynccontextmanager
async def served_intake(*, mongodb: str) -> AsyncIterator[House]:
    """An intake at `settings.public_url`, with staff. Kafka is away: applications are accepted all the same."""
    [port] = free_ports(1)
    with TemporaryDirectory() as folder:
        environment = settings_for(
            mongodb=mongodb,
            FORLOEB_PUBLIC_URL=f"http://127.0.0.1:{port}",
            FORLOEB_STAFF_FILE=str(write_staff_file(Path(folder) / "accounts")),
        )
        async with _served(environment, port) as intake:
            yield intake


@asynccontextmanager
async def _served(environment: dict[str, str], port: int) -> AsyncIterator[House]:
    async with house(environment) as intake:
        config = uvicorn.Config(
            intake.http._transport.app,
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
            yield intake
        finally:
            server.should_exit = True
            await serving
