"""The life of a service process, each case a process of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import pytest

from deploy.local.ports import free_ports
from tests.polling import until

pytestmark = pytest.mark.anyio
PROJECT = Path(__file__).resolve().parents[2]
BEGIN = """
import asyncio, sys
from pydantic import SecretStr
from shared import logs, running
from shared.health import Health
from shared.http import create_app
from shared.running import run_service
logs.configure(service="example")
running.STOP_SECONDS_MAX = 5.0
running.WATCHDOG_SECONDS = 0.1
health = Health()
async def forever():
    try:
        await asyncio.Event().wait()
    finally:
        print("task ended", flush=True)
async def once():
    print("done once", flush=True)
async def fails():
    await asyncio.sleep(0.2)
    raise ValueError("kanariefugl")
def stop(name, error=None):
    async def stopping():
        print("stop", name, flush=True)
        if error: raise error
    return stopping
async def hangs():
    print("stop hangs", flush=True)
    await asyncio.Event().wait()
def run(tasks, stops):
    app = create_app(title="x", health=health, staff_token=SecretStr("x" * 32))
    asyncio.run(run_service(app=app, host="127.0.0.1", port=int(sys.argv[1]), health=health, tasks=tasks, stops=stops))
"""


class Example:
    """A process that runs this code; ends with the test."""

    def __init__(self, code: str, folder: Path, *, port: int = 0) -> None:
        self.port = port or free_ports(1)[0]
        program = folder / "example.py"
        program.write_text(BEGIN + textwrap.dedent(code), encoding="utf-8")
        self.log = folder / "log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, program, str(self.port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONPATH": str(PROJECT)},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    async def is_up(self) -> None:
        await until(lambda: "starting" in self.text() and _answers(self.port), what="it serves", seconds=60)

    def terminate(self) -> None:
        self._process.terminate()

    async def exit_code(self) -> int:
        await until(lambda: self._process.poll() is not None, what="the process ends", seconds=60)
        assert self._process.returncode is not None
        return self._process.returncode

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def said(self) -> list[str]:
        return [line for line in self.text().splitlines() if not line.startswith("{")]


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/livez", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def test_a_signal_stops_everything_in_order(tmp_path: Path) -> None:
    """HTTP first, then the stops one after another while the tasks still run, then the tasks; the exit code is 0."""
    with Example("run([forever, once], [stop('consumer'), stop('publisher')])", tmp_path) as example:
        await example.is_up()
        example.terminate()
        assert await example.exit_code() == 0
        assert example.said() == ["done once", "stop consumer", "stop publisher", "task ended"]


async def test_a_task_that_a_stray_cancellation_ends_is_a_failure(tmp_path: Path) -> None:
    """Nobody stopped it, and it works no more: a process that went on without it would look well for ever."""
    code = """
    async def strays():
        await asyncio.sleep(0.2)
        raise asyncio.CancelledError
    run([forever, strays], [stop('consumer')])
    """
    with Example(code, tmp_path) as example:
        assert await example.exit_code() == 1
        assert example.said() == ["stop consumer", "task ended"]


async def test_a_task_that_fails_ends_the_process_with_an_error(tmp_path: Path) -> None:
    """In good order, with exit code 1, and without the text of the error in the log."""
    with Example("run([forever, fails], [stop('consumer')])", tmp_path) as example:
        assert await example.exit_code() == 1
        assert example.said() == ["stop consumer", "task ended"]
        assert '"exception":"ValueError"' in example.text()
        assert "kanariefugl" not in example.text()


async def test_a_stop_that_fails_does_not_keep_the_others_from_theirs(tmp_path: Path) -> None:
    """Each part gets its chance to finish."""
    with Example("run([forever], [stop('first', ValueError('x')), stop('second')])", tmp_path) as example:
        await example.is_up()
        example.terminate()
        await example.exit_code()
        assert example.said() == ["stop first", "stop second", "task ended"]


async def test_a_stop_that_hangs_is_cut_off(tmp_path: Path) -> None:
    """Being killed is always safe; hanging is not."""
    with Example("run([forever], [hangs])", tmp_path) as example:
        await example.is_up()
        example.terminate()
        assert await example.exit_code() == 1
        assert example.said() == ["stop hangs"]


async def test_a_port_that_is_taken_ends_the_process_with_an_error(tmp_path: Path) -> None:
    """What was started is stopped in order all the same."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Example("run([forever], [stop('consumer')])", tmp_path, port=port) as example:
            assert await example.exit_code() == 1
            assert "stop consumer" in example.said()


async def test_the_watchdog_ends_a_process_that_makes_no_progress(tmp_path: Path) -> None:
    """Only while everything that it needs is there; a restart would not bring a database back."""
    stalls = "health.add_stall(lambda: 'consume loop ended')\nrun([forever], [])"
    with Example(stalls, tmp_path) as example:
        assert await example.exit_code() == 1
    waits = """
        from shared.errors import DependencyDownError
        async def away(): raise DependencyDownError("database")
        health.add_check("mongodb", away)
        health.add_stall(lambda: "no progress")
        run([forever], [])
    """
    with Example(waits, tmp_path) as example:
        await until(lambda: _serves(example.port), what="it serves", seconds=60)
        with pytest.raises(AssertionError, match="the process ends"):
            await until(lambda: example._process.poll() is not None, what="the process ends", seconds=1)


def _serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def _exchange(port: int, chunks: list[bytes]) -> bytes:
    """Everything that is answered to these chunks until the server closes; writing stops when it has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                for chunk in chunks:
                    writer.write(chunk)
                    await writer.drain()
            got = b""
            with contextlib.suppress(ConnectionError):
                got = await reader.read()
            return got
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_head_that_is_too_large_or_never_ends_is_cut_off(tmp_path: Path) -> None:
    """One endless header, many headers, a caller that says nothing and one that stops halfway; others are served meanwhile."""
    code = """
        from shared import http_protocol
        http_protocol.HEAD_SECONDS_MAX = 0.5
        run([forever], [])
    """
    begin = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
    with Example(code, tmp_path) as example:
        await example.is_up()
        for endless in ([begin + b"X: ", *[b"x" * 20_000] * 40], [begin, *[b"X: y\r\n" * 2_000] * 40]):
            assert (await _exchange(example.port, endless))[:12] in (b"HTTP/1.1 431", b"")
        for silent in ([], [begin]):
            assert await _exchange(example.port, silent) == b""
        assert _answers(example.port)
        assert "kanariefugl" not in example.text()


async def test_a_caller_who_goes_on_sending_still_gets_the_refusal(tmp_path: Path) -> None:
    """A connection that is closed over unread bytes is reset, and the answer is lost with it."""
    begin = b"POST /livez HTTP/1.1\r\nHost: x\r\n"
    with Example("run([forever], [])", tmp_path) as example:
        await example.is_up()
        for head, chunk in (
            (b"Content-Length: 1000000\r\n\r\n", b"x" * 10_000),
            (b"Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
        ):
            answer = await _exchange(example.port, [begin + head, *[chunk] * 100])
            assert answer.startswith(b"HTTP/1.1 413")
            assert b"The request is too large" in answer


async def test_nothing_of_a_request_is_logged_and_no_server_is_named(tmp_path: Path) -> None:
    """No access log, no Server header, and junk in place of HTTP leaves nothing of itself."""
    request = b"GET /kanariefugl?kanariefugl HTTP/1.1\r\nHost: kanariefugl\r\nConnection: close\r\n\r\n"
    with Example("run([forever], [])", tmp_path) as example:
        await example.is_up()
        answer = await _exchange(example.port, [request])
        assert answer.startswith(b"HTTP/1.1 404")
        assert b"\r\nserver:" not in answer.lower()
        junk = await _exchange(example.port, [b"kanariefugl \xff\x00\r\n\r\n"])
        assert junk.startswith(b"HTTP/1.1 400")
        assert b"kanariefugl" not in answer + junk
        assert "kanariefugl" not in example.text()
