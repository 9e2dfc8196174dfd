"""The notifier as a process of its own: events in over Kafka, mails out to mailboxes, and what came of them back to Kafka."""

import asyncio
import base64
import os
import secrets
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local import processes
from deploy.local.ports import free_ports
from deploy.local.processes import Running
from services.notifier.store import DATABASE
from shared import crash, mongo
from shared.envelope import from_headers, to_headers
from shared.events import MESSAGES, ApplicationState, CourseState, MessageSent
from shared.kafka import KafkaAddress, Publisher, create_topics
from shared.vault import MasterKey, Vault
from tests.calendar_checker import calendar_faults
from tests.embedded import Embedded
from tests.notifier_office import now, sealed_event
from tests.notifier_samples import application, course, meeting, people_of
from tests.polling import until

STOP_SECONDS = 15
MEMORY_BYTES_MAX = 150 * 1024 * 1024


class Surroundings:
    """What the process stands in: Kafka, database and mailboxes, seen from outside."""

    def __init__(self, stack: Embedded, folder: Path) -> None:
        [self.port] = free_ports(1)
        self.stack = stack
        self._log = folder / "notifier.log"
        self.address = KafkaAddress(bootstrap_servers=stack.kafka)
        self.client = mongo.connect(stack.mongodb, app_name="test")
        self.publisher = Publisher(self.address, client_id="test")
        self._master_key = base64.b64encode(os.urandom(32)).decode()
        self.vault = Vault(keys=self.client["vault"]["keys"], master_key=MasterKey(self._master_key), clock=now)

    @contextmanager
    def notifier(self, **settings: str) -> Iterator[Running]:
        """The process, for as long as the block lasts."""
        environment = {
            "FORLOEB_KAFKA": self.stack.kafka,
            "FORLOEB_MONGODB": self.stack.mongodb,
            "FORLOEB_SMTP": self.stack.smtp,
            "FORLOEB_MASTER_KEY": self._master_key,
            "FORLOEB_LINK_SECRET": secrets.token_hex(32),
            "FORLOEB_STAFF_TOKEN": secrets.token_hex(32),
            "FORLOEB_NOTIFIER_PORT": str(self.port),
        }
        running = processes.spawn(
            "notifier",
            [sys.executable, "-m", "services.cli", "run", "notifier"],
            log=self._log,
            environment={**os.environ, **environment, **settings},
        )
        try:
            yield running
        finally:
            processes.stop([running], patience_seconds=STOP_SECONDS)

    async def ready(self) -> bool:
        try:
            async with httpx2.AsyncClient() as http:
                return (await http.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    async def publish(
        self, state: ApplicationState | CourseState, *, sequence: int, english: tuple[str, ...] = ()
    ) -> None:
        event, envelope = await sealed_event(state, sequence=sequence, vault=self.vault, english=english)
        await self.publisher.send(
            topic=event.topic,
            key=envelope.subject.encode(),
            value=event.model_dump_json().encode(),
            headers=to_headers(envelope),
        )

    async def states(self) -> Counter[str]:
        rows = await self.client[DATABASE]["messages"].find({}, {"state": 1}).to_list(None)
        return Counter(row["state"] for row in rows)

    async def inbox(self, key: str, *, of: str = "a001") -> list[EmailMessage]:
        return await asyncio.to_thread(self.stack.inbox, f"{of}-{key}@kommune.example")


@pytest.fixture
async def around(own_stack: Embedded, tmp_path: Path) -> AsyncIterator[Surroundings]:
    around = Surroundings(own_stack, tmp_path)
    await create_topics(around.address)
    yield around
    await around.publisher.stop()
    around.client.close()


def subjects(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["Subject"]) for mail in mails]


def resident_bytes(running: Running) -> int:
    return int(Path(f"/proc/{running.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_from_the_receipt_to_the_meetings_in_each_calendar(around: Surroundings) -> None:
    """Both contacts and the consultant get their mails, each in their own language, invites byte for byte."""
    with around.notifier() as running:
        await until(around.ready, what="ready")
        await around.publish(application(), sequence=1, english=("employee",))
        await until(lambda: _states(around, accepted=2), what="receipts")
        await around.publish(application("admitted"), sequence=2, english=("employee",))
        await around.publish(course(), sequence=1, english=("employee",))
        await until(lambda: _states(around, accepted=2 + 9), what="invites")
        assert resident_bytes(running) < MEMORY_BYTES_MAX
        sent = await _sent_events(around, 11)

    leader = await around.inbox("leader")
    assert subjects(leader)[0] == "SPARK: kvittering for jeres ansøgning (ref. SPARK-7K4M-2QX9)"
    assert "http://127.0.0.1:8000/s/a001-leader" in leader[0].get_body(("plain",)).get_content()
    assert [mail["Content-Language"] for mail in await around.inbox("employee")] == ["en"] * 4
    assert len(await around.inbox("consultant")) == 3

    invites = {each.meeting_id: each.ics.encode() for each in people_of(course())["a001-leader"].invites}
    calendar = [mail for mail in leader if mail.get_content_type() == "multipart/mixed"]
    assert len(calendar) == 2
    for mail in calendar:
        parts = {part.get_content_type(): part for part in mail.walk()}
        assert list(parts) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        assert parts["text/calendar"].get_param("method") == "REQUEST"
        content = parts["text/calendar"].get_payload(decode=True)
        assert content == parts["application/ics"].get_payload(decode=True)
        assert content in invites.values()
        assert calendar_faults(content) == []
        assert mail["From"].addresses[0].addr_spec == "invite+token@forloeb.example"
        assert "Auto-Submitted" not in mail
    assert leader[0]["Auto-Submitted"] == "auto-generated"
    ids = {str(mail["Message-ID"]) for key in ("leader", "employee", "consultant") for mail in await around.inbox(key)}
    assert ids == {event.message.internet_message_id for event in sent}


async def test_a_change_follows_a_little_later_and_a_withdrawal_at_once(around: Surroundings) -> None:
    """Everybody reads of the change once; then of the withdrawal, and gets a cancellation per meeting."""
    with around.notifier(FORLOEB_NOTIFIER_SETTLE_SECONDS="0.5"):
        await around.publish(application("admitted"), sequence=2)
        await around.publish(course(), sequence=1)
        await until(lambda: _states(around, accepted=2 + 9), what="invites")
        await around.publish(course(meetings=(meeting(0), meeting(1, moves=1))), sequence=2)
        await until(lambda: _states(around, accepted=11 + 3 + 3), what="the change")
        await around.publish(application("withdrawn"), sequence=3)
        off = tuple(meeting(place, cancelled=True, moves=place) for place in (0, 1))
        await around.publish(course("cancelled", meetings=off), sequence=3)
        await until(lambda: _states(around, accepted=17 + 2 + 1 + 6), what="cancellations")
    for key in ("leader", "employee", "consultant"):
        mails = await around.inbox(key)
        methods = [part.get_param("method") for mail in mails for part in mail.walk() if part.get_param("method")]
        assert methods == ["REQUEST", "REQUEST", "REQUEST", "CANCEL", "CANCEL"]
        assert sum("er ændret" in subject for subject in subjects(mails)) == 1
        assert sum("trukket tilbage" in subject for subject in subjects(mails)) == 1


async def test_killed_after_the_server_took_a_mail_it_repeats_it_under_the_same_message_id(
    around: Surroundings,
) -> None:
    """Nobody can know whether it arrived: a second copy may come, a second Message-ID never, and none is lost."""
    with around.notifier(
        FORLOEB_CRASH_AT=crash.AFTER_DATA_BEFORE_RECEIPT, FORLOEB_NOTIFIER_LEASE_SECONDS="2"
    ) as running:
        await around.publish(course(), sequence=1)
        await until(lambda: not running.alive, what="the crash")
    with around.notifier(FORLOEB_NOTIFIER_LEASE_SECONDS="2"):
        await until(lambda: _states(around, accepted=9), what="all mails after the restart")
    rows = await around.client[DATABASE]["messages"].find({}).to_list(None)
    unknown = sum(attempt["outcome"] == "unknown" for row in rows for attempt in row["attempts"])
    assert unknown >= 1
    copies: Counter[str] = Counter()
    for key in ("leader", "employee", "consultant"):
        copies.update(str(mail["Message-ID"]) for mail in await around.inbox(key))
    assert set(copies) == {row["internet_message_id"] for row in rows}
    assert 9 < copies.total() <= 9 + unknown
    events = await _sent_events(around, 9)
    assert {event.message.message_id for event in events} == {row["_id"] for row in rows}


async def test_mails_wait_for_a_mail_server_that_is_away(around: Surroundings) -> None:
    """The service stays ready, burns no attempts, and sends everything when the server is back."""
    processes.kill(around.stack.program("mail"))
    with around.notifier():
        await until(around.ready, what="ready")
        await around.publish(course(), sequence=1)
        await until(lambda: _tried_in_vain(around), what="a try in vain")
        assert await around.ready()
        await asyncio.to_thread(around.stack.bring_up)
        await until(lambda: _states(around, accepted=9), what="all mails")
    rows = await around.client[DATABASE]["messages"].find({}).to_list(None)
    assert {len(row["attempts"]) for row in rows} == {1}


async def test_it_stops_within_seconds_and_says_so(around: Surroundings) -> None:
    """A stop is orderly: exit code 0, and nothing in hand is left behind."""
    with around.notifier() as running:
        await until(around.ready, what="ready")
        await around.publish(course(), sequence=1)
        await until(lambda: _states(around, accepted=9), what="all mails")
        processes.send(running, signal.SIGTERM)
        await until(lambda: not running.alive, what="the end", seconds=STOP_SECONDS)
        assert '"event":"stopped"' in running.log_tail()


async def _states(around: Surroundings, **expected: int) -> bool:
    return await around.states() == Counter(expected)


async def _tried_in_vain(around: Surroundings) -> bool:
    return bool(await around.client[DATABASE]["messages"].find_one({"state": "pending", "version": {"$gt": 2}}))


async def _sent_events(around: Surroundings, count: int) -> list[MessageSent]:
    """The first events on the messages topic, one per message: all MessageSent, keyed by the application."""
    consumer = AIOKafkaConsumer(MESSAGES, bootstrap_servers=around.stack.kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: dict[str, MessageSent] = {}
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                record = await consumer.getone()
                envelope = from_headers(record.headers)
                assert (envelope.type, record.key, envelope.sequence) == (MessageSent.type, b"a001", 1)
                found[envelope.subject] = MessageSent.model_validate_json(record.value)
    finally:
        await consumer.stop()
    return list(found.values())
