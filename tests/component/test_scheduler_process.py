"""The scheduler as a process of its own: applications in over Kafka, courses out, the roster through its command."""

import asyncio
import base64
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local import processes
from deploy.local.ports import free_ports
from services.scheduler.roster_command import import_file
from services.scheduler.store import DATABASE
from shared import mongo
from shared.envelope import Envelope, from_headers, to_headers
from shared.events import AUDIT, COURSES, EVENTS, ApplicationEvent, CourseEvent
from shared.kafka import KafkaAddress, Publisher, create_topics
from shared.vault import MasterKey, Vault
from tests.embedded import Embedded
from tests.polling import until
from tests.scheduler_samples import Clock, Office, roster_entry

UP_SECONDS = 60
EVENT_SECONDS = 60
STOP_SECONDS = 15
MEMORY_BYTES_MAX = 150 * 1024 * 1024


@dataclass
class Process:
    """A running scheduler, with Kafka and the database seen from outside."""

    url: str
    token: str
    running: processes.Running
    office: Office
    publisher: Publisher
    courses: AIOKafkaConsumer

    async def send(self, event: ApplicationEvent, envelope: Envelope) -> None:
        body = event.model_dump_json().encode()
        key = envelope.subject.encode()
        await self.publisher.send(topic=event.topic, key=key, value=body, headers=to_headers(envelope))

    async def next_course(self) -> tuple[Envelope, CourseEvent]:
        record = await asyncio.wait_for(self.courses.getone(), EVENT_SECONDS)
        envelope = from_headers(record.headers)
        event = EVENTS[envelope.type].model_validate_json(record.value)
        assert isinstance(event, CourseEvent)
        return envelope, event


@pytest.fixture
async def scheduler(own_stack: Embedded, tmp_path: Path) -> AsyncIterator[Process]:
    [port] = free_ports(1)
    token = secrets.token_hex(32)
    master_key = base64.b64encode(os.urandom(32)).decode()
    environment = {
        "FORLOEB_KAFKA": own_stack.kafka,
        "FORLOEB_MONGODB": own_stack.mongodb,
        "FORLOEB_MASTER_KEY": master_key,
        "FORLOEB_LINK_SECRET": secrets.token_hex(32),
        "FORLOEB_STAFF_TOKEN": token,
        "FORLOEB_SCHEDULER_PORT": str(port),
    }
    address = KafkaAddress(bootstrap_servers=own_stack.kafka)
    await create_topics(address)
    running = processes.spawn(
        "scheduler",
        [sys.executable, "-m", "services.cli", "run", "scheduler"],
        log=tmp_path / "scheduler.log",
        environment={**os.environ, **environment},
    )
    client = mongo.connect(own_stack.mongodb, app_name="test")
    office = Office(client, name=DATABASE, clock=Clock(datetime.now(UTC)), master_key=master_key)
    office.vault = Vault(keys=client["vault"]["keys"], master_key=MasterKey(master_key), clock=office.clock)
    publisher = Publisher(address, client_id="test")
    courses = AIOKafkaConsumer(COURSES, bootstrap_servers=own_stack.kafka, auto_offset_reset="earliest")
    await courses.start()
    try:
        url = f"http://127.0.0.1:{port}"
        await _ready(url, running)
        yield Process(url, token, running, office, publisher, courses)
    finally:
        await courses.stop()
        await publisher.stop()
        client.close()
        await asyncio.to_thread(processes.stop, [running], patience_seconds=STOP_SECONDS)


async def _ready(url: str, running: processes.Running) -> None:
    async with asyncio.timeout(UP_SECONDS), httpx2.AsyncClient() as http:
        while True:
            assert running.alive, running.log_tail()
            try:
                if (await http.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def test_from_application_to_booked_course_and_back(
    scheduler: Process, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Waits without a roster, is booked when the command has brought one, is cancelled when withdrawn; then stops at once."""
    await scheduler.send(*await scheduler.office.application("a1"))
    envelope, event = await scheduler.next_course()
    assert (envelope.type, envelope.subject, envelope.sequence) == ("dk.forloeb.ApplicationWaitlisted.v1", "a1", 1)

    roster = tmp_path / "roster.json"
    bad = roster_entry("bo").model_dump(mode="json") | {"mail": "nowhere"}
    roster.write_bytes(orjson.dumps([roster_entry("anne").model_dump(mode="json"), bad]))
    arguments = {"scheduler": scheduler.url, "staff_token": scheduler.token}
    assert await asyncio.to_thread(import_file, roster, **arguments) == 1
    printed = capsys.readouterr().out
    assert "line 1: anne added" in printed
    assert "line 2: bo faulty" in printed
    assert "nowhere" not in printed

    envelope, event = await scheduler.next_course()
    assert (event.course.state, event.course.consultant_id, envelope.sequence) == ("booked", "anne", 2)
    await scheduler.send(*await scheduler.office.application("a1", state="withdrawn", sequence=3))
    envelope, event = await scheduler.next_course()
    assert (event.course.state, envelope.sequence) == ("cancelled", 3)

    assert _resident_bytes(scheduler.running) < MEMORY_BYTES_MAX
    assert "Lone" not in scheduler.running.log_tail()
    begun = time.monotonic()
    await asyncio.to_thread(processes.stop, [scheduler.running], patience_seconds=STOP_SECONDS)
    assert time.monotonic() - begun < STOP_SECONDS / 2, "it had to be killed"


def _resident_bytes(running: processes.Running) -> int:
    pages = Path(f"/proc/{running.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def test_the_command_says_why_nothing_was_imported(
    scheduler: Process, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong token, a file that is no roster, nobody there: one sentence each and exit code 2."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n")
    [nobody] = free_ports(1)
    for url, token, file, says in (
        (scheduler.url, scheduler.token, roster, "first line must name the columns"),
        (scheduler.url, "wrong", roster, "Staff only"),
        (f"http://127.0.0.1:{nobody}", scheduler.token, roster, "is it running?"),
        (scheduler.url, scheduler.token, tmp_path / "missing.csv", "No such file"),
    ):
        assert await asyncio.to_thread(import_file, file, scheduler=url, staff_token=token) == 2
        assert says in capsys.readouterr().err


async def test_a_calendar_is_tried_by_itself_and_its_address_told_to_nobody(
    scheduler: Process, own_stack: Embedded
) -> None:
    """Soon after it was entered; what staff did is told, and where nothing can be reached stands no address in the log."""
    acts = AIOKafkaConsumer(AUDIT, bootstrap_servers=own_stack.kafka, auto_offset_reset="earliest")
    await acts.start()
    headers = {"Authorization": f"Bearer {scheduler.token}"}
    try:
        async with httpx2.AsyncClient(base_url=f"{scheduler.url}/api/v1/consultants", headers=headers) as http:
            await http.put("/anne", json=roster_entry("anne").model_dump(mode="json"))
            sent = {"address": "https://calendar.invalid/secret-7f3a.ics"}
            assert (await http.put("/anne/calendar", json=sent)).json() == {"consultant": "anne", "outcome": "set"}

            async def failing() -> bool:
                return (await http.get("/anne/calendar")).json()["reason"] == "not-reachable"

            await until(failing, what="the calendar was tried")
            told = await (await http.get(f"{scheduler.url}/metrics")).aread()
        async with asyncio.timeout(EVENT_SECONDS):
            while b"calendar.entered" not in (record := await acts.getone()).value:
                pass
    finally:
        await acts.stop()
    for text in (told, record.value, repr(record.headers).encode(), scheduler.running.log_tail().encode()):
        assert b"secret-7f3a" not in text
        assert b"calendar.invalid" not in text
    assert "calendar-not-read" in scheduler.running.log_tail()
