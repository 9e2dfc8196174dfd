"""Puts finished messages into the notifier's database, as telling people does, for benchmarks of sending alone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.notifier.message import MailContent, NewMessage, internet_message_id, mail_place
from services.notifier.mime import Mail, mail_bytes
from services.notifier.store import DATABASE, Messages
from shared import mongo
from shared.sealing import Sealed
from shared.settings import CommonSettings, load
from shared.vault import MasterKey, Vault, person_key
from tests.bench.system import System

AT_ONCE = 500
PERSON = "p001"
CONTENT = MailContent(
    recipient="somebody@kommune.example",
    subject="SPARK: jeres forløb er planlagt (ref. SPARK-7K4M-2QX9)",
    text="Alle møderne i jeres SPARK-forløb er nu planlagt.\n" * 40,
    html="<p>Alle møderne i jeres SPARK-forløb er nu planlagt.</p>\n" * 60,
    language="da",
)


def one_mail() -> bytes:
    """A mail of the usual size, as it goes over the wire."""
    mail = Mail(
        message_id=internet_message_id(str(uuid4()), "forloeb.example"),
        date=datetime.now(UTC),
        sender_name="SPARK",
        sender="spark@forloeb.example",
        recipient=CONTENT.recipient,
        subject=CONTENT.subject,
        text=CONTENT.text,
        html=CONTENT.html,
        language="da",
    )
    return mail_bytes(mail)


def put_in(system: System, due: Sequence[datetime]) -> dict[str, datetime]:
    """A message for each of these moments; when each is due, by its Message-ID."""
    return asyncio.run(_put_in(system, due))


async def _put_in(system: System, due: Sequence[datetime]) -> dict[str, datetime]:
    settings = load(CommonSettings, {k: v for k, v in system.settings.items() if k.startswith("FORLOEB_")})
    client = mongo.connect(system.mongodb, app_name="bench")
    vault = Vault(
        keys=client["vault"]["keys"],
        master_key=MasterKey(settings.master_key.get_secret_value()),
        clock=lambda: datetime.now(UTC),
    )
    await vault.create([person_key(PERSON)])
    messages = Messages(client[DATABASE]["messages"])
    put: dict[str, datetime] = {}
    for begin in range(0, len(due), AT_ONCE):
        rows = [await _sealed(due_at, vault) for due_at in due[begin : begin + AT_ONCE]]
        await messages.insert(rows)
        put |= {row.internet_message_id: row.due_at for row in rows}
    client.close()
    return put


async def _sealed(due_at: datetime, vault: Vault) -> NewMessage:
    message_id = str(uuid4())
    mail = await vault.seal(CONTENT, key_id=person_key(PERSON), place=mail_place(message_id))
    return _message(due_at, mail, message_id)


def _message(due_at: datetime, mail: Sealed, message_id: str) -> NewMessage:
    return NewMessage(
        message_id=message_id,
        application_id=f"a-{message_id[:8]}",
        person_id=PERSON,
        kind="receipt",
        about="application",
        replaces=False,
        sequence=1,
        meeting_id=None,
        internet_message_id=internet_message_id(message_id, "forloeb.example"),
        created_at=min(due_at, datetime.now(due_at.tzinfo)) - timedelta(seconds=1),
        due_at=due_at,
        traceparent="",
        mail=mail,
        addressee=message_id[:22],
        domain="kommune",
    )
