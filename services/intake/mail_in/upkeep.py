"""What mail that came in asks for now and then: to be counted, and to be forgotten when its days are over."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from services.intake.mail_in.metrics import PARKED, UNDECIDED_OLDEST_SECONDS
from services.intake.mail_in.parked_store import ParkedMails
from services.intake.mail_in.store import Mails
from services.intake.mail_in.vault import MailVault
from shared.errors import DependencyDownError

ROUND_SECONDS: Final = 15.0

log = structlog.get_logger(__name__)


async def upkeep(*, mails: Mails, parked: ParkedMails, vault: MailVault, clock: Callable[[], datetime]) -> None:
    """Work until cancelled; what is down is waited for."""
    while True:
        try:
            now = clock()
            PARKED.set(await parked.count())
            oldest = await mails.oldest_undecided()
            UNDECIDED_OLDEST_SECONDS.set((now - oldest).total_seconds() if oldest else 0)
            if forgotten := await forget_old(mails=mails, vault=vault, now=now):
                log.info("mails-forgotten", count=forgotten)
        except DependencyDownError as error:
            log.warning("mail-upkeep-postponed", dependency=str(error))
        await asyncio.sleep(ROUND_SECONDS)


async def forget_old(*, mails: Mails, vault: MailVault, now: datetime) -> int:
    """Remove some mails whose days are over, their keys first: a crash between leaves rows that are found again."""
    over = await mails.to_forget(now)
    if over:
        await vault.drop(over)
        await mails.delete(over)
    return len(over)
