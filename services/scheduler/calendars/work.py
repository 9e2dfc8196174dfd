"""What reading calendars works with, wired together once by `main` and by tests."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.scheduler.calendars.pinned_network import Outside
from services.scheduler.means import Means


@dataclass(frozen=True, kw_only=True)
class CalendarWork:
    """`every`: how often a calendar is read. `alert_after`: the age from which one is called stale."""

    means: Means
    every: timedelta = timedelta(minutes=30)
    alert_after: timedelta = timedelta(hours=24)
    outside: Outside = field(default_factory=Outside)
