"""One finished message in the notifier's database, as telling people puts it there, for tests of sending alone."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.notifier.message import MailContent, NewMessage, internet_message_id, mail_place
from services.notifier.store import Messages
from shared.vault import Vault, person_key
from tests.notifier_office import now

RECIPIENT = "leder@kommune.example"


class Holder(Protocol):
    """Who has the messages and the keys."""

    messages: Messages
    vault: Vault


async def put_mail(
    office: Holder, *, person_id: str = "p001", recipient: str = RECIPIENT, **changes: Any
) -> NewMessage:
    """Put in a message that is due now, or as `changes` say."""
    message_id = str(uuid.uuid4())
    key_id = person_key(person_id)
    if not await office.vault.erased([key_id]):
        await office.vault.create([key_id])
    content = MailContent(
        recipient=recipient, subject="SPARK: en mail", text="Hej\n", html="<p>Hej</p>\n", language="da"
    )
    created_at: datetime = now() - timedelta(milliseconds=1)
    fields: dict[str, Any] = {
        "message_id": message_id,
        "application_id": f"a-{message_id}",
        "person_id": person_id,
        "kind": "receipt",
        "about": "application",
        "replaces": False,
        "sequence": 1,
        "meeting_id": None,
        "internet_message_id": internet_message_id(message_id, "forloeb.example"),
        "created_at": created_at,
        "due_at": created_at,
        "traceparent": "",
        "mail": await office.vault.seal(content, key_id=key_id, place=mail_place(message_id)),
        "domain": recipient.partition("@")[2],
    }
    message = NewMessage(**fields | changes)
    await office.messages.insert([message])
    return message
