"""What reading calendars works with, wired together once by `main` and by tests."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from services.scheduler.calendars.pinned_network import Outside
from services.scheduler.means import Means


@dataclass(frozen=True, kw_only=True)
class CalendarWork:
    """`every`: how often a calendar is read. `alert_after`: the age from which one is called stale.

    `reader`: held by whoever has a reader at work, since each may take as much memory as the service itself.
    """

    means: Means
    every: timedelta = timedelta(minutes=30)
    alert_after: timedelta = timedelta(hours=24)
    outside: Outside = field(default_factory=Outside)
    reader: asyncio.Lock = field(default_factory=asyncio.Lock)
