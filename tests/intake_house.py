"""Intake with its real database, and Kafka where a test wants it, in the test's own process; the clock is moved by hand."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import orjson
from aiokafka import AIOKafkaConsumer

from services.intake.main import build_app, build_parts
from services.intake.parts import Parts
from services.intake.release_receipts import release_receipts
from services.intake.settings import IntakeSettings
from shared import mongo
from shared.envelope import Envelope, from_headers
from shared.events import APPLICATIONS, EVENTS, ApplicationEvent, Matter, Person
from shared.health import Health
from shared.kafka import KafkaAddress, Publisher
from shared.outbox import PendingEvent, Waiting
from shared.programme import load_programme
from shared.relay import Relay
from shared.sealing import event_place
from shared.settings import load
from tests.factories import SPARK_FILE, joint_application, single_application

NOBODY_LISTENS = "127.0.0.1:1"
APPLY = "/api/v1/applications"
MASTER_KEY = base64.b64encode(os.urandom(32)).decode()
API_TOKEN = os.urandom(20).hex()
TRUSTED = {"Authorization": f"Bearer {API_TOKEN}"}


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **period: float) -> None:
        self.now += timedelta(**period)


def new_application(changes: dict[str, Any] | None = None, *, joint: bool = False) -> dict[str, Any]:
    """A valid application of two people whom no other test knows."""
    # Letters only: ten digits by chance could look like a CPR number.
    mine = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    addresses = {
        "contacts.leader.email": f"leader.{mine}@kommune.example",
        "contacts.employee_representative.email": f"employee.{mine}@kommune.example",
    }
    return (joint_application if joint else single_application)(addresses | (changes or {}))


@dataclass
class House:
    """One intake process, as far as a test sees it. `published` are the events that its writes put into outboxes."""

    parts: Parts
    http: httpx2.AsyncClient
    client: mongo.Client
    clock: Clock
    settings: IntakeSettings
    published: list[PendingEvent] = field(default_factory=list)

    async def apply(self, body: Any = None, *, headers: dict[str, str] | None = None) -> httpx2.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body or new_application())
        return await self.http.post(
            APPLY, content=content, headers={"Content-Type": "application/json"} | (headers or {})
        )

    async def accepted(self, body: Any = None, **options: Any) -> dict[str, Any]:
        answer = await self.apply(body, **options)
        assert answer.status_code == 202, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def events(self, application_id: str) -> list[PendingEvent]:
        """What was told of one application, in order, once each."""
        found = {one.envelope.sequence: one for one in self.published if one.envelope.subject == application_id}
        return [found[sequence] for sequence in sorted(found)]

    async def people(self, event: PendingEvent) -> dict[str, Person]:
        """The people of an event by their function."""
        return await people_of(self.parts, event.envelope, read_event(event.envelope, event.body))

    async def contact_token(self, application_id: str, function: str = "leader") -> str:
        """The token in the link that is mailed to a contact."""
        people = await self.people(self.events(application_id)[-1])
        return people[function].links["status"].rsplit("/", 1)[1]

    async def release(self) -> int:
        return await release_receipts(
            store=self.parts.store,
            vault=self.parts.vault,
            signer=self.parts.signer,
            programme=self.parts.programme,
            address_key=self.parts.address_key,
            now=self.clock(),
        )

    async def stored(self, application_id: str) -> dict[str, Any]:
        row = await self.client["intake"]["applications"].find_one({"_id": application_id})
        assert row is not None
        return row


def read_event(envelope: Envelope, body: bytes) -> ApplicationEvent:
    event = EVENTS[envelope.type].model_validate_json(body)
    assert isinstance(event, ApplicationEvent)
    return event


async def people_of(parts: Parts, envelope: Envelope, event: ApplicationEvent) -> dict[str, Person]:
    place = event_place(envelope.subject, envelope.type, envelope.id)
    opened = await parts.vault.unseal_known(event.application.people, Person, place=place)
    return {person.function: person for person in opened.values()}


async def matter_of(parts: Parts, envelope: Envelope, event: ApplicationEvent) -> Matter:
    place = event_place(envelope.subject, envelope.type, envelope.id)
    return await parts.vault.unseal(event.application.matter, Matter, place=place)


def settings_for(*, mongodb: str, kafka: str = NOBODY_LISTENS, **changes: str) -> dict[str, str]:
    """The environment of an intake process whose limits are out of the way."""
    return {
        "FORLOEB_KAFKA": kafka,
        "FORLOEB_MONGODB": mongodb,
        "FORLOEB_MASTER_KEY": MASTER_KEY,
        "FORLOEB_LINK_SECRET": os.urandom(20).hex(),
        "FORLOEB_STAFF_TOKEN": os.urandom(20).hex(),
        "FORLOEB_PROGRAMME": str(SPARK_FILE),
        "FORLOEB_INTAKE_API_TOKEN": API_TOKEN,
        "FORLOEB_INTAKE_CLIENT_LIMIT": "1000000/minute",
        "FORLOEB_INTAKE_TOTAL_LIMIT": "1000000/minute",
        "FORLOEB_INTAKE_BAD_LINK_LIMIT": "1000000/minute",
        "FORLOEB_INTAKE_DRAFT_LIMIT": "1000000/minute",
        "FORLOEB_INTAKE_CHANGE_LIMIT": "1000000/minute",
        "FORLOEB_INTAKE_CHANGE_TOTAL_LIMIT": "1000000/minute",
    } | changes


@asynccontextmanager
async def house(environment: dict[str, str], *, relayed: bool = False, indexes: bool = True) -> AsyncIterator[House]:
    """An intake whose events go to `published`, or with `relayed` to Kafka."""
    settings = load(IntakeSettings, environment)
    client = mongo.connect(settings.mongodb.get_secret_value(), app_name="test-intake")
    clock = Clock()
    published: list[PendingEvent] = []
    publisher = Publisher(KafkaAddress(bootstrap_servers=settings.kafka), client_id="test-intake")
    relay = Relay(collection=client["intake"]["applications"], sender=publisher, clock=clock)

    def wake(item: Waiting) -> None:
        published.extend(item.events)
        if relayed:
            relay.wake(item)

    parts = build_parts(settings, load_programme(settings.programme), client=client, wake=wake, clock=clock)
    if indexes:
        await parts.store.create_indexes()
    app = build_app(parts, settings=settings, health=Health())
    relaying = asyncio.create_task(relay.run()) if relayed else None
    transport = httpx2.ASGITransport(app=app, client=("192.0.2.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake.example") as http:
        try:
            yield House(parts, http, client, clock, settings, published)
        finally:
            if relaying:
                relaying.cancel()
                await asyncio.gather(relaying, return_exceptions=True)
            await publisher.stop()
            client.close()


async def told_on_kafka(
    kafka: str, application_id: str, *, count: int, seconds: float = 30.0
) -> list[tuple[Envelope, bytes]]:
    """The first `count` events of one application as they stand in the topic."""
    found: list[tuple[Envelope, bytes]] = []
    consumer = AIOKafkaConsumer(APPLICATIONS, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(seconds):
            while len(found) < count:
                record = await consumer.getone()
                if record.key == application_id.encode():
                    found.append((from_headers(record.headers), record.value))
    finally:
        await consumer.stop()
    return found
