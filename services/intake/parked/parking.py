"""Room for mails that staff have to look at: not more than they can, and few that are alike, so that nobody fills the list."""

import hashlib
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog
from prometheus_client import Counter

from services.intake.mail_in.mail import PLAIN
from shared.rate_limit import RateLimit

PARKED_MAX: Final = 500
ALIKE_PER_DAY_MAX: Final = 5
"""To one reply address; at the plain mailbox, about one meeting that is known here, or about none."""
NO_ROOM: Final = Counter(
    "forloeb_mails_in_no_room_total", "Mails dropped since too many are parked already.", ["limit"]
)

_ALARM: Final = "parking"

log = structlog.get_logger(__name__)


class Counts(Protocol):
    async def count(self) -> int: ...
    async def count_under(self, key: str) -> int: ...


class Parking:
    """`alarms` counts what is logged of a flood."""

    def __init__(self, counts: Counts, *, alarms: RateLimit) -> None:
        self._counts = counts
        self._alarms = alarms

    async def key_for(self, *, recipient: str, uid: str | None, now: datetime, is_hers: bool = False) -> str | None:
        """Under which to park a mail that came to `recipient` (see `StoredMail`); None where there is no room: drop and count it.

        `is_hers`: our mail server vouches that the invited person herself wrote it. Others cannot take the room for those.

        Raises:
            DependencyDownError: the database is away.

        """
        key = parking_key(recipient=recipient, uid=uid, now=now, is_hers=is_hers)
        if await self._counts.count_under(key) >= ALIKE_PER_DAY_MAX:
            NO_ROOM.labels(limit="alike").inc()
            return None
        if await self._counts.count() >= PARKED_MAX:
            NO_ROOM.labels(limit="all").inc()
            if not self._alarms.wait_seconds(_ALARM):
                self._alarms.count(_ALARM)
                log.error("parked-mails-full")
            return None
        return key


def parking_key(*, recipient: str, uid: str | None, now: datetime, is_hers: bool = False) -> str:
    """The same for mails that are alike, of one UTC day. A digest: what a stranger writes as UID may be anything.

    To the plain mailbox only mails about UIDs that we know get here; whoever has a reply address could invent as many as she likes.
    """
    about = f"uid {uid}" if uid and recipient == PLAIN else f"recipient {recipient}"
    about += " herself" if is_hers else ""
    return f"{now.astimezone(UTC).date()} {hashlib.sha256(about.encode()).hexdigest()[:32]}"
