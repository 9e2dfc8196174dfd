"""The background work on calendars: reads those that are due, a few at a time, and shows their age as metrics."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog
from prometheus_client import Gauge

from services.scheduler.calendars.read_calendar import read_calendar
from services.scheduler.calendars.work import CalendarWork
from shared.errors import DependencyDownError

AT_ONCE_MAX = 3
LOOK_SECONDS = 15.0
LEASE = timedelta(minutes=2)
"""Longer than fetching and reading may take together. A process that dies leaves its calendar to the others for so long."""
LEASE_BYTES = 16

AGE_SECONDS = Gauge(
    "forloeb_calendar_age_seconds", "Time since the consultant's calendar that was read longest ago was read well."
)
FAILING = Gauge("forloeb_calendars_failing", "Consultants' calendars whose last reading failed.")
STALE = Gauge("forloeb_calendars_stale", "Consultants' calendars that were not read well for longer than is allowed.")

log = structlog.get_logger(__name__)


class CalendarKeeper:
    """Works until cancelled; `wake` when a calendar has just become due."""

    def __init__(self, work: CalendarWork) -> None:
        self.work = work
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE_MAX):
                tasks.create_task(self._read_due())
            tasks.create_task(self._watch())

    async def _read_due(self) -> None:
        while True:
            # Cleared before looking: what becomes due while nothing is found must not be slept through.
            self._woken.clear()
            try:
                found = await read_next(work=self.work)
            except DependencyDownError as error:
                log.warning("calendars-put-off", waiting_for=str(error))
                found = False
            except Exception:
                # One that cannot be read, for whatever reason, must not end the reading of the others.
                log.exception("calendar-not-read")
                found = False
            if not found:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)

    async def _watch(self) -> None:
        while True:
            try:
                await show_ages(work=self.work)
            except DependencyDownError as error:
                log.warning("calendars-not-counted", waiting_for=str(error))
            except Exception:
                # Metrics that cannot be worked out must not end the reading.
                log.exception("calendars-not-counted")
            await asyncio.sleep(LOOK_SECONDS)


async def read_next(*, work: CalendarWork) -> bool:
    """Read the calendar that has been due longest; False where none is due. Raises DependencyDownError."""
    now = work.means.clock()
    lease = work.means.random(LEASE_BYTES).hex()
    source = await work.means.store.calendars.take_due(now, until=now + LEASE, lease=lease)
    if source is None:
        return False
    await read_calendar(source, work=work)
    return True


async def show_ages(*, work: CalendarWork) -> None:
    """Set the metrics; no label says whose calendar it is. Raises DependencyDownError."""
    now = work.means.clock()
    sources = await work.means.store.calendars.all_sources()
    states = [source.state(now, alert_after=work.alert_after) for source in sources]
    AGE_SECONDS.set(max((source.age(now).total_seconds() for source in sources), default=0.0))
    FAILING.set(sum(source.reason is not None for source in sources))
    STALE.set(states.count("stale"))
