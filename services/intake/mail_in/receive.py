"""Takes a mail over from whoever delivers it: sealed, stored once, and only then acknowledged."""

import os
from contextlib import suppress
from datetime import datetime

from services.intake.mail_in.mail import Contents, StoredMail, digest_of
from services.intake.mail_in.store import Mails
from services.intake.mail_in.vault import MailVault
from shared import crash, ids
from shared.errors import DependencyDownError


async def receive(
    raw: bytes, *, recipient: str, envelope_from: str | None, mails: Mails, vault: MailVault, now: datetime
) -> str | None:
    """Store a mail; answers its id, or None where it was here already.

    Raises:
        DependencyDownError: it may or may not be stored; whoever delivers it tries again.

    """
    mail_id = ids.uuid7(now, os.urandom(10))
    contents = await vault.seal(Contents(raw=raw, envelope_from=envelope_from), mail_id)
    mail = StoredMail(
        mail_id=mail_id, recipient=recipient, received_at=now, state="stored", contents=contents, due_at=now
    )
    if await mails.insert(mail, digest_of(recipient, raw)):
        crash.reached(crash.AFTER_MAIL_STORED)
        return mail_id
    with suppress(DependencyDownError):
        # A key that nothing was kept under; one that stays behind opens nothing.
        await vault.drop([mail_id])
    return None
