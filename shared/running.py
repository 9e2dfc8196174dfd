"""The life of one service process: serve HTTP, run the background tasks, stop in order on a signal, never hang on the way out."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from shared.health import Health
from shared.http_protocol import BoundedHeads

STOP_SECONDS_MAX = 40.0
WATCHDOG_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 30

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again when it has stopped, and cut our own clean-up short."""
        yield


async def run_service(
    *,
    app: FastAPI,
    host: str,
    port: int,
    health: Health,
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]],
    stops: Sequence[Callable[[], Awaitable[None]]],
    on_stopping: Callable[[], None] = lambda: None,
) -> None:
    """Run until SIGTERM or SIGINT; a background task that ends with an error ends the process with it (exit code 1).

    `stops` are awaited one after another once HTTP has ended, while the tasks still run; then the tasks are cancelled.
    `on_stopping` is called as soon as the stop begins: HTTP ends only when endless answers (live streams) do, or after five seconds.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedHeads,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=500,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_stop, server, on_stopping)
    running = [asyncio.create_task(task()) for task in tasks]
    running.append(asyncio.create_task(_watch(health)))
    for task in running:
        task.add_done_callback(lambda done: _on_end(done, server))
    log.info("starting", port=port)
    failed = await _serve(server)
    failed |= any(task.cancelled() for task in running)
    _exit_at_deadline()
    for stop in stops:
        try:
            await stop()
        except Exception:
            # The next ones still have to finish their work; what is unfinished is found again at the next start.
            log.exception("stop-failed")
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, Exception):
            failed = True
            log.error("task-failed", exc_info=result)
    if failed:
        raise SystemExit(1)
    log.info("stopped")


async def _serve(server: uvicorn.Server) -> bool:
    """Serve until told to stop. True where it could not even start; uvicorn has logged why (the port is taken)."""
    try:
        await server.serve()
    except SystemExit:
        return True
    return not server.started


def _begin_stop(server: uvicorn.Server, on_stopping: Callable[[], None]) -> None:
    server.should_exit = True
    on_stopping()


def _on_end(task: "asyncio.Task[None]", server: uvicorn.Server) -> None:
    """A task that failed takes the process with it: whoever supervises it starts a new one. One that is done is just done.

    Nobody cancels a task before the stop: one that ends so was hit by a stray cancellation, and works no more.
    """
    if task.cancelled() or task.exception() is not None:
        server.should_exit = True


async def _watch(health: Health) -> None:
    """End a process that makes no progress although all that it needs is there: whoever supervises it starts a new one."""
    while True:
        await asyncio.sleep(WATCHDOG_SECONDS)
        stalled = health.stalled()
        if stalled and all(state == "ok" for state in (await health.readiness()).values()):
            log.error("stalled", why=stalled)
            os._exit(1)


def _give_up() -> None:
    os._exit(1)


def _exit_at_deadline() -> None:
    timer = threading.Timer(STOP_SECONDS_MAX, _give_up)
    timer.daemon = True
    timer.start()
