"""Servers and services as processes that a test starts, kills and starts again; and what must hold for all that they wrote."""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local import probes, processes
from deploy.local.demo.mailboxes import Letter, Mailboxes
from deploy.local.demo.mails import Mails
from deploy.local.demo.outcome import System
from deploy.local.demo.people import Applicants, Staff, browser
from deploy.local.home import PORT_NAMES, Home
from deploy.local.leash import Leash
from deploy.local.processes import Running
from deploy.local.program import Program
from deploy.local.servers import MAIL_PASSWORD
from deploy.local.services import service_programs, service_settings
from deploy.local.stack import Stack, prepare
from shared.envelope import from_headers
from shared.events import APPLICATIONS, AUDIT, CONSULTANTS, COURSES, DEAD_LETTERS, MESSAGES
from tests.kafka_tools import all_records

READY_SECONDS = 60
STOP_SECONDS = 20
# Where documents with an outbox lie, and the mark that something in one is not published yet.
OUTBOXES = (
    ("intake", "applications"),
    ("scheduler", "courses"),
    ("scheduler", "consultants"),
    ("notifier", "messages"),
)
UNPUBLISHED = {"relay_at": {"$exists": True}}
UNSENT = {"due_at": {"$exists": True}}


class Pipeline:
    """Not to be used from a running event loop: it waits in its own."""

    def __init__(
        self, folder: Path, *, kafka: str, short_sessions: bool, environment: Mapping[str, str] | None = None
    ) -> None:
        self._leash = Leash()
        self._home = Home(folder)
        self._stack = Stack(self._home, kafka=kafka, servers_only=True, leash=self._leash)
        self._short_sessions = short_sessions
        self._environment = dict(environment or {})
        self._running: dict[str, Running] = {}
        self._client = browser()

    def up(self, *services: str) -> None:
        """Start the servers, make topics and indexes, start these services."""
        self.bring_up_servers()
        asyncio.run(prepare(self.settings))
        for name in services:
            self.begin(name)
        for name in services:
            self.wait_ready(name)

    def bring_up_servers(self) -> None:
        """Start whatever server does not run, where it was."""
        self._stack.up(lambda _line: None)

    def kill_server(self, name: str) -> None:
        """SIGKILL to `mongodb`, `kafka` or `mail`."""
        processes.kill(next(each.running for each in self._home.programs() if each.running.name == name))

    def close(self) -> None:
        self._client.close()
        processes.stop(list(self._running.values()), patience_seconds=0)
        self._stack.down(patience_seconds=0)
        self._leash.let_go()

    # -- services --------------------------------------------------------------------------------------------------

    def begin(self, name: str, **environment: str) -> None:
        """Start a service, with some settings more than all have; returns at once."""
        program = self._programs()[name]
        given = os.environ | program.environment | environment
        command = (sys.executable, "-m", "tests.short_sessions", "run", name)
        chosen = command if self._short_sessions else program.command
        running = processes.spawn(name, chosen, log=self._home.logs / f"{name}.log", environment=given)
        self._leash.hold(running)
        self._running[name] = running

    def wait_ready(self, name: str) -> None:
        asks = self._programs()[name].asks
        asyncio.run(probes.wait_until_ready(self._running[name], asks, timeout_seconds=READY_SECONDS))

    def stop(self, name: str) -> None:
        """SIGTERM, and wait for its end."""
        processes.stop([self._running[name]], patience_seconds=STOP_SECONDS)

    def alive(self, name: str) -> bool:
        return self._running[name].alive

    def running(self) -> list[Running]:
        return list(self._running.values())

    def log_of(self, name: str) -> str:
        return self._running[name].log_tail()

    def _programs(self) -> dict[str, Program]:
        return {each.name: each for each in service_programs(self.addresses, self.settings)}

    @property
    def addresses(self) -> dict[str, str | None]:
        return self._home.addresses() or {}

    @property
    def settings(self) -> dict[str, str]:
        ports = self._home.ports(in_use_by_us=set(PORT_NAMES))
        return service_settings(self.addresses, ports, self._home.secrets()) | self._environment

    # -- people and looking ----------------------------------------------------------------------------------------

    @property
    def api_token(self) -> str:
        return self.settings["FORLOEB_INTAKE_API_TOKEN"]

    def system(self) -> System:
        client = self._client
        return System(
            applicants=Applicants(client, self.addresses["intake"] or ""),
            staff=Staff(client, self.addresses["scheduler"] or "", self.settings["FORLOEB_STAFF_TOKEN"]),
            mails=Mails(client, self.addresses["notifier"] or "", self.settings["FORLOEB_STAFF_TOKEN"]),
            mailboxes=Mailboxes(imap=self.addresses["imap"] or "", password=MAIL_PASSWORD),
        )

    def unsettled(self) -> dict[str, int]:
        """What is still on its way: documents with unpublished events, and mails not sent; empty when all has come to rest."""
        with MongoClient[dict[str, Any]](self.addresses["mongodb"], serverSelectionTimeoutMS=3000) as client:
            counts = {
                f"{database}.{name}": client[database][name].count_documents(UNPUBLISHED) for database, name in OUTBOXES
            }
            counts["mails"] = client["notifier"]["messages"].count_documents(UNSENT)
        return {name: count for name, count in counts.items() if count}

    def records(self) -> dict[str, list[Any]]:
        """Every record of every topic."""
        return asyncio.run(self._records())

    async def _records(self) -> dict[str, list[Any]]:
        topics = (APPLICATIONS, COURSES, CONSULTANTS, MESSAGES, AUDIT, DEAD_LETTERS)
        found = [await all_records(self.addresses["kafka"] or "", topic) for topic in topics]
        return dict(zip(topics, found, strict=True))


@contextmanager
def pipeline(folder: Path, *, kafka: str, short_sessions: bool = False, **environment: str) -> Iterator[Pipeline]:
    """A pipeline that ends with the block; nothing is started yet. `short_sessions`: a killed service is missed sooner."""
    held = Pipeline(folder, kafka=kafka, short_sessions=short_sessions, environment=environment)
    try:
        yield held
    finally:
        held.close()


def record_faults(records: Mapping[str, Sequence[Any]]) -> list[str]:
    """Dead letters, events that were lost (a gap in the numbers of one aggregate), and one event under two ids."""
    faults = [f"a dead letter: {_reason(record)}" for record in records[DEAD_LETTERS]]
    for topic in records.keys() - {DEAD_LETTERS}:
        streams: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for record in records[topic]:
            envelope = from_headers(record.headers)
            streams[envelope.subject][envelope.sequence].add(envelope.id)
        for numbers in streams.values():
            if sorted(numbers) != list(range(1, len(numbers) + 1)):
                faults.append(f"{topic}: one aggregate has the events {sorted(numbers)}")
            if any(len(ids) > 1 for ids in numbers.values()):
                faults.append(f"{topic}: one event has two ids")
    return faults


def repeats(records: Mapping[str, Sequence[Any]]) -> int:
    """How many records are there more than once, under the same id."""
    ids = [from_headers(record.headers).id for topic in records.keys() - {DEAD_LETTERS} for record in records[topic]]
    return len(ids) - len(set(ids))


def about(mailboxes: Mapping[str, Sequence[Letter]], course: Mapping[str, Any]) -> dict[str, list[Letter]]:
    """The letters about one course only."""
    meetings = {meeting["meeting_id"] for meeting in course["meetings"]}
    return {
        mailbox: [
            letter
            for letter in letters
            if (
                letter.calendar.uid.partition("@")[0] in meetings
                if letter.calendar
                else course["reference"] in letter.subject
            )
        ]
        for mailbox, letters in mailboxes.items()
    }


def _reason(record: Any) -> str:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    return f"{headers.get('x-dlq-reason')} in {headers.get('x-dlq-group')}"
