"""When a message is tried again, and how long the whole channel rests when the mail server is in trouble. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

RETRY_SECONDS = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)
"""After the first, second, … attempt; greylisting ends within the first few, RFC 5321 4.5.4.1 asks for 30 minutes later on."""
JITTER = 0.2
"""A pause is up to a fifth shorter or longer, so that what failed together is not tried again together."""
PAUSE_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Rests of the channel after the first, second, … trouble in a row."""
REST_MAX = timedelta(seconds=max(PAUSE_SECONDS))


def retry_after(
    attempts: int, *, schedule: Sequence[float], random: float, asked: timedelta | None = None
) -> timedelta:
    """The pause after so many attempts (from 1), never shorter than what the server asked for; `random` lies in [0, 1)."""
    seconds = schedule[min(attempts, len(schedule)) - 1]
    planned = timedelta(seconds=seconds * (1 + JITTER * (2 * random - 1)))
    return max(planned, asked * (1 + JITTER * random)) if asked else planned


def rest_after(troubles: int) -> timedelta:
    """How long to keep away after so many troubles in a row (from 1)."""
    return timedelta(seconds=PAUSE_SECONDS[min(troubles, len(PAUSE_SECONDS)) - 1])


class Channel:
    """The way to the mail server as one process sees it: open, at rest after trouble, or being tried with one mail."""

    def __init__(self) -> None:
        self._troubles = 0
        self._rests_until: datetime | None = None

    def room(self, limit: int, in_hand: int, now: datetime) -> int:
        """How many more mails may be taken up now, `limit` at once in all.

        None while at rest, then one to see whether the trouble is over.
        """
        if self.rests(now):
            return 0
        return (1 if self._troubles else limit) - in_hand

    def rests(self, now: datetime) -> bool:
        """Whether nothing is to be begun just now. A rest that is longer than any comes of a clock that was put back, and is over."""
        return self._rests_until is not None and now < self._rests_until <= now + REST_MAX

    def trouble(self, now: datetime) -> timedelta | None:
        """Something was wrong that is no message's fault. The rest that begins, or None if one has begun already."""
        if self.rests(now):
            return None
        self._troubles += 1
        rest = rest_after(self._troubles)
        self._rests_until = now + rest
        return rest

    def fine(self) -> bool:
        """The server talked about a message. True if that ends a trouble."""
        recovered = self._troubles > 0
        self._troubles = 0
        self._rests_until = None
        return recovered

    @property
    def is_open(self) -> bool:
        return self._troubles == 0
