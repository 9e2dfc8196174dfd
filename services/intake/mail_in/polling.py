"""Looks into the mailbox now and then, and stores what is new in it; what cannot be stored stays unseen for the next time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from services.intake.mail_in.delivered_to import recipient_of, return_path_of
from services.intake.mail_in.imap import Connection, MailboxError
from services.intake.mail_in.mailbox import Mailbox
from services.intake.mail_in.metrics import MAILBOX_READ_SECONDS, RECEIVED, REFUSED
from services.intake.mail_in.recipients import Recipients
from shared.errors import DependencyDownError

WAY: Final = "imap"
SECONDS_PER_MINUTE: Final = 60
MAILS_MAX: Final = 200
"""In one look; the next one goes on behind them."""

log = structlog.get_logger(__name__)

Take = Callable[[bytes, str, str | None], Awaitable[object]]
"""Stores a mail (its bytes, recipient, return path). Raises DependencyDownError."""
HasRoom = Callable[[str], Awaitable[bool]]


class Polling:
    """Reads one mailbox; several processes may, since the same mail is stored once."""

    def __init__(
        self, mailbox: Mailbox, *, minutes: float, recipients: Recipients, has_room: HasRoom, take: Take
    ) -> None:
        self._mailbox = mailbox
        self._pause_seconds = minutes * SECONDS_PER_MINUTE
        self._recipients = recipients
        self._has_room = has_room
        self._take = take
        self._looked_at = 0

    async def run(self) -> None:
        """Look until cancelled; what is down is tried again at the next look."""
        while True:
            try:
                await self.once()
            except MailboxError as error:
                log.warning("mailbox-not-read", step=error.step)
            except DependencyDownError as error:
                log.warning("mailbox-put-off", waiting_for=str(error))
            await asyncio.sleep(self._pause_seconds)

    async def once(self) -> int:
        """One look; how many mails were stored, or were here already.

        Raises:
            MailboxError: the mailbox cannot be read; what was stored so far is.
            DependencyDownError: the database is away; the same.

        """
        connection = await asyncio.to_thread(Connection, self._mailbox)
        try:
            taken = [await self._one(connection, uid) for uid in self._next(await asyncio.to_thread(connection.unseen))]
        finally:
            await asyncio.to_thread(connection.close)
        MAILBOX_READ_SECONDS.set(time.time())
        return sum(taken)

    def _next(self, uids: list[str]) -> list[str]:
        """Some of the unseen, in turns: those for which there is no room must not keep what came after them from being read."""
        found = [uid for uid in uids if int(uid) > self._looked_at][:MAILS_MAX]
        self._looked_at = int(found[-1]) if len(found) == MAILS_MAX else 0
        return found

    async def _one(self, connection: Connection, uid: str) -> bool:
        mail = await asyncio.to_thread(connection.fetch, uid)
        if mail.raw is None and not mail.is_too_large:
            log.warning("mail-not-fetched")
            return False
        if mail.raw is None:
            REFUSED.labels("552").inc()
            log.warning("mail-too-large")
            await asyncio.to_thread(connection.done, uid)
            return False
        recipient = recipient_of(mail.raw, self._recipients)
        if not await self._has_room(recipient):
            REFUSED.labels("452").inc()
            return False
        await self._take(mail.raw, recipient, return_path_of(mail.raw))
        RECEIVED.labels(WAY).inc()
        await asyncio.to_thread(connection.done, uid)
        return True
