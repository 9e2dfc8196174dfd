"""Runs of the small service: its processes, what is asked of it, and what came out."""

import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes
from deploy.local.ports import free_ports
from deploy.local.processes import Running
from shared import mongo
from shared.envelope import from_headers, to_headers
from shared.events import APPLICATIONS, COURSES, ApplicationSubmitted
from shared.kafka import KafkaAddress, create_topics
from tests.event_samples import SAMPLES, envelope_of
from tests.kafka_tools import RawRecord, all_records, lag

PROJECT = Path(__file__).resolve().parents[2]
SUBMITTED = SAMPLES[ApplicationSubmitted].model_dump_json().encode()


@dataclass
class Run:
    """One database and one consumer group of the small service, and its processes."""

    kafka: str
    mongodb: str
    client: mongo.Client
    folder: Path
    name: str = field(default_factory=lambda: f"run{os.urandom(4).hex()}")
    started: list[Running] = field(default_factory=list)

    def start(self, *, crash_at: str = "") -> Running:
        (port,) = free_ports(1)
        environment = os.environ | {"FORLOEB_CRASH_AT": crash_at}
        command = [sys.executable, "-m", "tests.reliability.small_service"]
        running = processes.spawn(
            f"small-{len(self.started)}",
            [*command, self.kafka, self.mongodb, self.name, self.name, str(port)],
            log=self.folder / f"{self.name}-{len(self.started)}-{port}.log",
            environment=environment | {"PYTHONPATH": str(PROJECT)},
        )
        self.started.append(running)
        return running

    def applications(self, first: int, count: int) -> list[RawRecord]:
        return [
            RawRecord(
                APPLICATIONS,
                f"{self.name}-{number}".encode(),
                SUBMITTED,
                tuple(to_headers(envelope_of(ApplicationSubmitted, subject=f"{self.name}-{number}"))),
            )
            for number in range(first, first + count)
        ]

    async def published(self) -> dict[str, list[str]]:
        """The ids of the events on the courses topic, by application."""
        found = defaultdict(list)
        for record in await all_records(self.kafka, COURSES):
            if record.headers and record.key and record.key.startswith(self.name.encode()):
                envelope = from_headers(record.headers)
                found[envelope.subject].append(envelope.id)
        return found

    async def is_done(self, applications: int) -> bool:
        return (
            len(await self.published()) == applications
            and await lag(self.kafka, self.name, [APPLICATIONS]) == 0
            and await self._outboxes_are_empty()
        )

    async def _outboxes_are_empty(self) -> bool:
        return await self.client[self.name]["courses"].count_documents({"relay_at": {"$exists": True}}) == 0


async def begin(runs: list[Run], kafka: str, mongodb: str, folder: Path) -> Run:
    """A new run, which the fixture `runs` ends."""
    await create_topics(KafkaAddress(bootstrap_servers=kafka))
    run = Run(kafka, mongodb, mongo.connect(mongodb, app_name="test"), folder)
    runs.append(run)
    return run
