"""The smallest service that has everything: follows applications, writes one document with its event for each, publishes it.

Run by the crash tests as a program of its own: `python -m tests.reliability.small_service KAFKA MONGODB DATABASE GROUP`.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from pydantic import SecretStr

from shared import crash, logs, mongo, subscribing
from shared.consuming import Consumer
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import ApplicationSubmitted, CourseBooked, Event
from shared.health import Health
from shared.http import create_app
from shared.ids import uuid7
from shared.kafka import KafkaAddress, Publisher, ping
from shared.mongo import AlreadyThereError, database_errors
from shared.outbox import new_document, pending, waiting
from shared.relay import Relay
from shared.running import run_service
from tests.event_samples import SAMPLES


def now() -> datetime:
    return datetime.now(UTC)


class SmallService:
    def __init__(self, kafka: str, mongodb: str, database: str, group: str) -> None:
        self.address = KafkaAddress(bootstrap_servers=kafka)
        self.client = mongo.connect(mongodb, app_name="small-service")
        self.courses = self.client[database]["courses"]
        self.publisher = Publisher(self.address, client_id=group)
        self.relay = Relay(collection=self.courses, sender=self.publisher, clock=now)
        self.consumer = Consumer(
            address=self.address,
            group=group,
            handlers={ApplicationSubmitted: self.book},
            dead_letters=self.publisher,
            clock=now,
        )
        self.only = database

    async def book(self, _event: Event, envelope: Envelope) -> str:
        """The id of the document is that of the application: a record that comes again changes nothing."""
        if not envelope.subject.startswith(self.only):
            return "ignored"
        event = pending(
            SAMPLES[CourseBooked],
            event_id=uuid7(now(), os.urandom(10)),
            source="/forloeb/small",
            subject=envelope.subject,
            sequence=1,
            now=now(),
            traceparent=envelope.traceparent,
        )
        document = new_document({"_id": envelope.subject}, [event], now=now())
        try:
            with database_errors():
                await self.courses.insert_one(document)
        except AlreadyThereError:
            return "superseded"
        self.relay.wake(waiting(document))
        return "handled"

    async def index(self) -> None:
        """The relay's mark is found by it; MongoDB may still be away."""
        while True:
            try:
                with database_errors():
                    await self.courses.create_index("relay_at", sparse=True)
            except DependencyDownError:
                await asyncio.sleep(1)
            else:
                return

    async def run(self, port: int) -> None:
        health = Health()
        health.add_check("mongodb", lambda: mongo.ping(self.client))
        health.add_check("kafka", lambda: ping(self.address))
        health.add_stall(self.consumer.stalled)
        health.add_hold(lambda: self.consumer.holding)
        token = SecretStr("uH6yN1oWk3zQ8xCjB5tMvE9pLgD2fSrA")
        await run_service(
            app=create_app(title="small", health=health, staff_token=token),
            host="127.0.0.1",
            port=port,
            health=health,
            tasks=[self.index, self.consumer.run, self.relay.run],
            stops=[self.consumer.stop, self.publisher.stop],
        )
        self.client.close()


async def main() -> None:
    logs.configure(service="small")
    if point := os.environ.get("FORLOEB_CRASH_AT"):
        crash.arm(point)
    # A killed member keeps its partitions until its session ends; the tests do not wait as long as production does.
    subscribing.SESSION_TIMEOUT_MS = 6_000
    kafka, mongodb, database, group, port = sys.argv[1:]
    await SmallService(kafka, mongodb, database, group).run(int(port))


if __name__ == "__main__":
    asyncio.run(main())
