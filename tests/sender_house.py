"""Sender processes on a database, a broker and a mail server of their own, seen from outside."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import free_ports
from services.notifier.message import NewMessage
from services.notifier.store import DATABASE, Messages
from services.notifier.stored_message import StoredMessage
from shared import mongo
from shared.envelope import from_headers
from shared.events import MESSAGES
from shared.vault import MasterKey, Vault
from tests.embedded import Embedded
from tests.kafka_tools import all_records
from tests.notifier_office import now
from tests.one_mail import put_mail
from tests.polling import until

LEASE_SECONDS = 1.0


@dataclass(frozen=True)
class SenderProcess:
    """One notifier."""

    pid: int
    log: Path

    @property
    def alive(self) -> bool:
        return self.send(0)

    def send(self, signal_number: int) -> bool:
        """Whether it was still there to hear it."""
        try:
            os.kill(self.pid, signal_number)
        except ProcessLookupError:
            return False
        return True


class SenderHouse:
    """`start` starts the whole service; only its sender has something to do. To be closed."""

    def __init__(self, stack: Embedded, smtp_port: int, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._started: list[SenderProcess] = []
        self._forker = subprocess.Popen(
            [sys.executable, "-m", "tests.sender_fork"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._client = mongo.connect(stack.mongodb, app_name="test")
        self._master_key = base64.b64encode(os.urandom(32)).decode()
        self._secrets = base64.b64encode(os.urandom(48)).decode(), base64.b64encode(os.urandom(48)).decode()
        self._smtp_port = smtp_port
        self.rows = self._client[DATABASE]["messages"]
        self.messages = Messages(self.rows)
        self.vault = Vault(keys=self._client["vault"]["keys"], master_key=MasterKey(self._master_key), clock=now)

    def start(self, *, crash_at: str = "") -> SenderProcess:
        """One more process; with `crash_at` it kills itself there."""
        number, [port] = len(self._started), free_ports(1)
        log = self._folder / f"notifier-{number}.log"
        log.touch()
        environment = {
            "FORLOEB_KAFKA": self._stack.kafka,
            "FORLOEB_MONGODB": self._stack.mongodb,
            "FORLOEB_MASTER_KEY": self._master_key,
            "FORLOEB_LINK_SECRET": self._secrets[0],
            "FORLOEB_STAFF_TOKEN": self._secrets[1],
            "FORLOEB_NOTIFIER_PORT": str(port),
            "FORLOEB_NOTIFIER_LEASE_SECONDS": str(LEASE_SECONDS),
            "FORLOEB_NOTIFIER_RETRY_SECONDS": "0.1",
            "FORLOEB_SMTP": f"smtp://127.0.0.1:{self._smtp_port}",
            "FORLOEB_SMTP_TLS": "none",
            "FORLOEB_CRASH_AT": crash_at,
        }
        order, answers = self._forker.stdin, self._forker.stdout
        assert order is not None
        assert answers is not None
        order.write(json.dumps({"log": str(log), "environment": environment}) + "\n")
        order.flush()
        sender = SenderProcess(int(answers.readline()), log)
        self._started.append(sender)
        return sender

    async def put(self) -> NewMessage:
        return await put_mail(self)

    async def find(self, message: NewMessage) -> StoredMessage:
        found = await self.messages.find(message.message_id)
        assert found is not None
        return found

    async def until(self, message: NewMessage, holds: Callable[[StoredMessage], bool], *, what: str) -> StoredMessage:
        """Wait until something is true of the message."""

        async def condition() -> bool:
            return holds(await self.find(message))

        await until(condition, what=what)
        return await self.find(message)

    async def published(self, message: NewMessage) -> list[tuple[int, str, str]]:
        """Sequence, id and type of each event about a message, as often as it was published."""
        envelopes = [from_headers(record.headers) for record in await all_records(self._stack.kafka, MESSAGES)]
        return [(one.sequence, one.id, one.type) for one in envelopes if one.subject == message.message_id]

    async def close(self) -> None:
        for sender in self._started:
            sender.send(signal.SIGKILL)
        await until(lambda: not any(sender.alive for sender in self._started), what="the end of all senders")
        self._forker.communicate()
        self._client.close()
