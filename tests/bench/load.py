"""Sends applications over keep-alive connections, from a process of its own: `python -m tests.bench.load` with orders on stdin.

Closed loop: so many connections, each sends again as soon as it is answered. Open loop: so many a second, whatever the answers do.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import uvloop

from tests.bench.applications import application

PATH = "/api/v1/applications"
ACCEPTED = 202


@dataclass(frozen=True, kw_only=True)
class Orders:
    """`seconds` or `count` ends a closed loop; `per_second` with `seconds` makes it an open one. `name` is in all addresses."""

    url: str
    name: str
    token: str = ""
    connections: int = 16
    seconds: float = 0
    count: int = 0
    per_second: float = 0


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`rows` are (when it was due, when it was answered, application id); seconds since the epoch."""

    seconds: float
    rows: list[tuple[float, float, str]]

    @property
    def per_second(self) -> float:
        return len(self.rows) / self.seconds


class LoadError(Exception):
    """The service did not take an application."""


def send(orders: Orders) -> Answers:
    """Carry the orders out in a process of its own, and return what came of them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(asdict(orders)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LoadError(done.stderr[-2000:])
    answers = json.loads(done.stdout)
    return Answers(seconds=answers["seconds"], rows=[(row[0], row[1], row[2]) for row in answers["rows"]])


class _Connection:
    def __init__(self, orders: Orders) -> None:
        parts = urlsplit(orders.url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        authorization = f"Authorization: Bearer {orders.token}\r\n" if orders.token else ""
        self._head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n{authorization}Content-Length: "
        ).encode()

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def post(self, body: bytes) -> str:
        """The id of the application that was taken."""
        self._writer.write(b"%s%d\r\n\r\n%s" % (self._head, len(body), body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        answer = await self._reader.readexactly(length)
        if int(head.split(b" ", 2)[1]) != ACCEPTED:
            raise LoadError(f"{head.splitlines()[0]!r} {answer[:500]!r}")
        return str(json.loads(answer)["application_id"])


async def _closed(orders: Orders, connections: list[_Connection]) -> Answers:
    rows: list[tuple[float, float, str]] = []
    begun = time.time()
    numbers = iter(range(orders.count or sys.maxsize))

    async def keep_sending(connection: _Connection) -> None:
        for number in numbers:
            sent = time.time()
            if orders.seconds and sent - begun > orders.seconds:
                return
            application_id = await connection.post(application(f"{orders.name}n{number}"))
            rows.append((sent, time.time(), application_id))

    await asyncio.gather(*(keep_sending(connection) for connection in connections))
    return Answers(seconds=time.time() - begun, rows=rows)


async def _open(orders: Orders, connections: list[_Connection]) -> Answers:
    """What is due waits for a free connection if it must; it counts from when it was due."""
    rows: list[tuple[float, float, str]] = []
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)
    begun = time.time()

    async def one(number: int, due: float) -> None:
        await asyncio.sleep(due - time.time())
        connection = await free.get()
        application_id = await connection.post(application(f"{orders.name}n{number}"))
        rows.append((due, time.time(), application_id))
        free.put_nowait(connection)

    total = int(orders.seconds * orders.per_second)
    async with asyncio.TaskGroup() as tasks:
        for number in range(total):
            tasks.create_task(one(number, begun + number / orders.per_second))
    return Answers(seconds=time.time() - begun, rows=rows)


async def _send(orders: Orders) -> Answers:
    connections = [_Connection(orders) for _ in range(orders.connections)]
    for connection in connections:
        await connection.open()
    return await (_open if orders.per_second else _closed)(orders, connections)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_send(Orders(**json.load(sys.stdin)))))))
