"""What the scheduler's use cases work with, wired together once by `main` and by tests."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from services.scheduler.consultant_page.link import PlanSigner
from services.scheduler.leisure import Leisure
from services.scheduler.roster_calendar import RosterCalendar
from services.scheduler.store import Store
from shared.outbox import Waiting
from shared.programme import Programme
from shared.reference.municipalities import Municipalities
from shared.vault import Vault

SOURCE = "/forloeb/scheduler"
MISSES_MAX = 10
"""Times that one change is tried when somebody else changes the same document meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """`random` returns that many random bytes. The three callbacks tell, after a write, who has something to do now."""

    store: Store
    vault: Vault
    programme: Programme
    municipalities: Municipalities
    calendar: RosterCalendar
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    reply_key: bytes
    workplace_key: bytes
    # Signs the links to consultants' pages of their courses.
    plan_signer: PlanSigner
    publish_course: Callable[[Waiting], None]
    publish_consultant: Callable[[Waiting], None]
    try_waiting: Callable[[], None]
    # Called after a consultant of the roster was changed: courses that she holds may be in doubt.
    check_courses_of: Callable[[str], None] = lambda _: None
    # Held by the one pass over the waiting list that a process makes at a time.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    leisure: Leisure = field(default_factory=lambda: Leisure(time.perf_counter))

    def today(self) -> date:
        """The local day of the programme."""
        return self.clock().astimezone(self.programme.tz).date()
