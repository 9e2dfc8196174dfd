"""Takes a mail over from whoever delivers it: sealed, stored once, and only then acknowledged."""

import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from services.intake.mail_in.mail import Contents, StoredMail, contents_place, digest_of, mail_key
from services.intake.mail_in.store import Mails
from shared import crash, ids
from shared.errors import DependencyDownError
from shared.vault import Vault


async def receive(
    raw: bytes,
    *,
    recipient: str,
    envelope_from: str | None,
    mails: Mails,
    vault: Vault,
    create_keys: Callable[[Sequence[str]], Awaitable[None]],
    now: datetime,
) -> str | None:
    """Store a mail; answers its id, or None where it was here already.

    Raises:
        DependencyDownError: it may or may not be stored; whoever delivers it tries again.

    """
    mail_id = ids.uuid7(now, os.urandom(10))
    await create_keys([mail_key(mail_id)])
    contents = await vault.seal(
        Contents(raw=raw, envelope_from=envelope_from), key_id=mail_key(mail_id), place=contents_place(mail_id)
    )
    mail = StoredMail(
        mail_id=mail_id, recipient=recipient, received_at=now, state="stored", contents=contents, due_at=now
    )
    if await mails.insert(mail, digest_of(recipient, raw)):
        crash.reached(crash.AFTER_MAIL_STORED)
        return mail_id
    with suppress(DependencyDownError):
        # A key that nothing was kept under; one that stays behind opens nothing.
        await vault.erase(mail_key(mail_id))
    return None
