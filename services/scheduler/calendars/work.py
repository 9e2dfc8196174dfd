"""What reading calendars works with, wired together once by `main` and by tests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from services.scheduler.calendars.busy import Busy
from services.scheduler.calendars.pinned_network import Outside
from services.scheduler.calendars.read_apart import Asked, Read, read_apart
from services.scheduler.means import Means
from shared.outbox import Waiting


@dataclass(frozen=True, kw_only=True)
class CalendarWork:
    """`publish` tells, after staff's act, that there is an event to publish.

    `every`: how often a calendar is read. `alert_after`: the age from which one is called stale. `reader`: held by whoever
    has a reader at work, since each may take as much memory as the service itself.
    """

    means: Means
    publish: Callable[[Waiting], None]
    every: timedelta = timedelta(minutes=30)
    alert_after: timedelta = timedelta(hours=24)
    outside: Outside = field(default_factory=Outside)
    read: Callable[[bytes, Asked], Awaitable[Read]] = read_apart
    reader: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take_over(self, consultant_id: str, busy: Busy | None) -> None:
        """Put what was just stored into this process's picture; the others see it with their next refresh."""
        calendar = self.means.calendar
        openings = calendar.openings
        calendar.put_busy(consultant_id, busy)
        if calendar.openings != openings:
            self.means.try_waiting()
