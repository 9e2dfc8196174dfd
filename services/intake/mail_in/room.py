"""Whether there is room for another mail: nobody can fill the database, the list of what staff have to look at, or keep others out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.intake.mail_in.mail import PLAIN, message_of_recipient
from services.intake.mail_in.parked_store import ParkedMails
from services.intake.mail_in.store import Mails
from services.intake.parked.parking import PARKED_MAX

UNDECIDED_MAX: Final = 5_000
UNDECIDED_ALIKE_MAX: Final = 50
"""To one reply address: whoever was forwarded an invite cannot take the room of all others, whatever makes these mails wait."""
UNDECIDED_PLAIN_MAX: Final = 1_000
"""To the mailbox itself, whose address everybody knows."""
REPORTS_ALIKE_MAX: Final = 5
"""About one message of ours. A server tells once that it failed, perhaps a few times before that it is late."""
REPORTS_MAX: Final = 2_000
"""About all messages: while intake hears of nothing they wait, and answers need room, too."""
COUNTED_FOR: Final = timedelta(seconds=5)
"""Counts are this old at most: a few mails more than the limit do no harm."""


class Room:
    """Counts now and then. `free_for` raises DependencyDownError while the database is away."""

    def __init__(self, mails: Mails, parked: ParkedMails, *, clock: Callable[[], datetime]) -> None:
        self._mails = mails
        self._parked = parked
        self._clock = clock
        self._counted_at: datetime | None = None
        self._undecided: dict[str, int] = {}
        self._waiting_for_staff = 0

    async def free_for(self, recipient: str) -> bool:
        """What comes to the plain mailbox is likely to end with staff: there is no room while they have enough to look at."""
        now = self._clock()
        if self._counted_at is None or now - self._counted_at > COUNTED_FOR:
            self._undecided = await self._mails.undecided()
            self._waiting_for_staff = await self._parked.count()
            self._counted_at = now
        if recipient == PLAIN and self._waiting_for_staff >= PARKED_MAX:
            return False
        alike_max = UNDECIDED_PLAIN_MAX if recipient == PLAIN else UNDECIDED_ALIKE_MAX
        if message_of_recipient(recipient) is not None:
            alike_max = REPORTS_ALIKE_MAX
            if self._reports >= REPORTS_MAX:
                return False
        return self._undecided.get(recipient, 0) < alike_max and sum(self._undecided.values()) < UNDECIDED_MAX

    @property
    def _reports(self) -> int:
        return sum(count for one, count in self._undecided.items() if message_of_recipient(one) is not None)
