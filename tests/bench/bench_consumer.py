"""Records a second that the shared consumer sees through, against a bare aiokafka loop that reads the same events.

The handler does nothing. Our consumer bounds each handler in time, logs and counts each record, and commits what is done and only
that; the loop commits by itself, done or not. A loop that does not even look at the records is reported beside it. The goal is low
on purpose: what every real handler asks of the database takes many times as long as this.
"""

import asyncio
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from shared.envelope import Envelope, to_headers
from shared.events import APPLICATIONS, ApplicationSubmitted
from tests.bench.system import System, running_system
from tests.event_samples import SAMPLES

RECORDS = 20_000
ROUNDS = 3
WAYS = ("shared", "parsed", "bare")


def measure() -> dict[str, Any]:
    rates: dict[str, list[float]] = {how: [] for how in WAYS}
    with running_system() as system:
        size = asyncio.run(_fill(system))
        for number in range(ROUNDS):
            for how in WAYS[number % len(WAYS) :] + WAYS[: number % len(WAYS)]:
                rates[how].append(_consume(system, how))
    ratios = [shared / parsed for shared, parsed in zip(rates["shared"], rates["parsed"], strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "goal": 0.1,
        "better": "higher",
        "figures": {
            "kafka": system.kafka,
            "records": RECORDS,
            "record_bytes": size,
            "records_per_second": {how: [round(rate) for rate in found] for how, found in rates.items()},
            "ratio_to_a_loop_that_looks_at_nothing": round(
                statistics.median(shared / bare for shared, bare in zip(rates["shared"], rates["bare"], strict=True)),
                3,
            ),
        },
    }


async def _fill(system: System) -> int:
    """Put the records into the topic; the bytes of one."""
    body = SAMPLES[ApplicationSubmitted].model_dump_json().encode()
    producer = AIOKafkaProducer(bootstrap_servers=system.kafka_servers, acks="all", linger_ms=20)
    await producer.start()
    try:
        for number in range(RECORDS):
            envelope = Envelope(
                id=str(uuid4()),
                source="/forloeb/bench",
                type=ApplicationSubmitted.type,
                subject=f"application-{number}",
                time=datetime.now(UTC),
                sequence=1,
                traceparent="",
            )
            await producer.send(APPLICATIONS, body, key=envelope.subject.encode(), headers=to_headers(envelope))
    finally:
        await producer.stop()
    return len(body)


def _consume(system: System, how: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.consume", how, system.kafka_servers, uuid4().hex, str(RECORDS)],
        stdout=subprocess.PIPE,
        # What it logs, a line per record, goes to a file as in production.
        stderr=(system.home.root / "consume.log").open("wb"),
        text=True,
        check=True,
    )
    return float(done.stdout)
