"""Whether there is room for another mail: nobody can fill the database, or the list of what staff have to look at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.intake.mail_in.mail import PLAIN
from services.intake.mail_in.parked_store import ParkedMails
from services.intake.mail_in.store import Mails
from services.intake.parked.parking import PARKED_MAX

UNDECIDED_MAX: Final = 5_000
COUNTED_FOR: Final = timedelta(seconds=5)
"""Counts are this old at most: a few mails more than the limit do no harm."""


class Room:
    """Counts now and then. `free_for` raises DependencyDownError while the database is away."""

    def __init__(self, mails: Mails, parked: ParkedMails, *, clock: Callable[[], datetime]) -> None:
        self._mails = mails
        self._parked = parked
        self._clock = clock
        self._counted_at: datetime | None = None
        self._undecided = 0
        self._waiting_for_staff = 0

    async def free_for(self, recipient: str) -> bool:
        """What comes to the plain mailbox is likely to end with staff: there is no room while they have enough to look at."""
        now = self._clock()
        if self._counted_at is None or now - self._counted_at > COUNTED_FOR:
            self._undecided = await self._mails.count_undecided()
            self._waiting_for_staff = await self._parked.count()
            self._counted_at = now
        return self._undecided < UNDECIDED_MAX and (recipient != PLAIN or self._waiting_for_staff < PARKED_MAX)
