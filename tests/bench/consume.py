"""Reads a topic from its beginning to its end, in a process of its own: `python -m tests.bench.consume HOW BROKERS GROUP COUNT`.

HOW is "shared" (as the services do), "parsed" (a bare aiokafka loop that reads each event, too) or "bare" (it looks at nothing).
Prints records a second, from the first record to the last.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer

from shared import logs
from shared.consuming import Consumer
from shared.envelope import Envelope, Headers, from_headers
from shared.events import APPLICATIONS, EVENTS, ApplicationSubmitted
from shared.kafka import KafkaAddress


class _NoDeadLetters:
    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        del key, value, headers
        raise AssertionError(f"every record of {topic} can be handled")


class _Watch:
    """Counts records, and knows how fast they came."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._count = count
        self._begun = 0.0
        self.rate: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def note(self) -> None:
        self._begun = self._begun or time.perf_counter()
        self._left -= 1
        if not self._left:
            self.rate.set_result(self._count / (time.perf_counter() - self._begun))


async def with_shared(address: KafkaAddress, group: str, count: int) -> float:
    watch = _Watch(count)

    async def handle(_event: ApplicationSubmitted, _envelope: Envelope) -> str:
        watch.note()
        return "handled"

    consumer = Consumer(
        address=address,
        group=group,
        handlers={ApplicationSubmitted: handle},
        dead_letters=_NoDeadLetters(),
        clock=lambda: datetime.now(UTC),
    )
    running = asyncio.create_task(consumer.run())
    rate = await watch.rate
    await consumer.stop()
    await running
    return rate


async def with_loop(address: KafkaAddress, group: str, count: int, *, parsed: bool) -> float:
    watch = _Watch(count)
    consumer = AIOKafkaConsumer(
        APPLICATIONS,
        **address.arguments(),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    try:
        async for record in consumer:
            if parsed:
                EVENTS[from_headers(record.headers).type].model_validate_json(record.value)
            watch.note()
            if watch.rate.done():
                return watch.rate.result()
    finally:
        await consumer.stop()
    raise AssertionError("the loop ends with the last record")


WAYS: dict[str, Callable[..., Awaitable[float]]] = {"shared": with_shared, "parsed": with_loop, "bare": with_loop}


def main(how: str, brokers: str, group: str, count: str) -> None:
    logs.configure(service="bench")
    more: dict[str, Any] = {} if how == "shared" else {"parsed": how == "parsed"}

    async def run() -> float:
        return await WAYS[how](KafkaAddress(bootstrap_servers=brokers), group, int(count), **more)

    print(uvloop.run(run()))


if __name__ == "__main__":
    main(*sys.argv[1:])
