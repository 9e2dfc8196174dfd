"""What the scheduler does by itself: makes ready, refreshes its picture, completes courses, records load, counts overlaps.

It also lets go of dates that were offered and not chosen, and looks, at the start and every hour, for meetings off their wall time.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import get_args

import structlog
from prometheus_client import Gauge

from services.scheduler.complete import complete_due
from services.scheduler.loads.record import record_loads
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.overdue import Overdue, overdue_of
from services.scheduler.overlaps import Overlaps, find_overlaps
from services.scheduler.release_offers import release_offers
from services.scheduler.time_zones.check_time_zones import check_time_zones
from shared.errors import DependencyDownError

REFRESH_SECONDS = 60.0
COMPLETE_SECONDS = 60.0
COUNT_SECONDS = 20.0
RELEASE_SECONDS = 20.0
CHECK_TIME_ZONES_SECONDS = 3600.0
RECORD_LOADS_SECONDS = 300.0
RETRY_SECONDS_MAX = 10.0
RECOUNTS_MAX = 2

OVERLAPPING_CLAIMS = Gauge(
    "forloeb_overlapping_claims", "Half hours of a consultant, or places for courses, held by two courses. Must be 0."
)
UNCLAIMED_MEETINGS = Gauge(
    "forloeb_unclaimed_meetings", "Half hours of booked meetings that their course does not hold. Must be 0."
)
STALLED = Gauge("forloeb_stalled_courses", "Booked courses of which something cannot be held, and no repair was found.")
WAITING = Gauge("forloeb_waiting_applications", "Applications on the waiting list, also those that staff hold back.")
OVERDUE = Gauge(
    "forloeb_overdue_applications",
    "Waiting applications that can begin in time no more (window), or have waited too long (long).",
    ["why"],
)

log = structlog.get_logger(__name__)


async def prepare(*, means: Means) -> None:
    """Indexes and the picture of the roster: nothing may be booked before both are there. Raises DependencyDownError."""
    await means.store.ensure_indexes()
    await refresh(means=means)


async def refresh(*, means: Means) -> None:
    """Take the stored roster, claims and busy times for the truth, and the waiting list again if that opens something.

    Raises:
        DependencyDownError: the database is away, or the roster changed faster than it could be read.

    """
    for _ in range(MISSES_MAX):
        openings = means.calendar.openings
        roster = await means.store.roster()
        held = await means.store.held()
        busy = await means.store.calendars.busy()
        if means.calendar.openings == openings:
            break
        # Changed while it was read: what was read would take back, say, a leave that was just entered.
    else:
        raise DependencyDownError("quiet-roster")
    means.calendar.roll(means.today())
    means.calendar.load(roster=roster, held=held)
    means.calendar.load_busy(busy)
    if means.calendar.openings != openings:
        means.try_waiting()


async def count_overlaps(*, means: Means) -> Overlaps:
    """Look through the stored courses, and show what was found as metrics.

    Courses that change while they are read may be seen half before and half after: what is found must be found again.
    """
    found = await _look_for_overlaps(means=means)
    for _ in range(RECOUNTS_MAX):
        if not (found.overlapping or found.unclaimed):
            break
        found = await _look_for_overlaps(means=means)
    OVERLAPPING_CLAIMS.set(found.overlapping)
    UNCLAIMED_MEETINGS.set(found.unclaimed)
    if found.overlapping or found.unclaimed:
        log.error("overlapping-claims", overlapping=found.overlapping, unclaimed=found.unclaimed)
    await _count_waiting(means=means)
    return found


async def _look_for_overlaps(*, means: Means) -> Overlaps:
    active = [(stored.course, claims) for stored, claims in await means.store.active()]
    STALLED.set(sum(course.stall is not None for course, _ in active))
    # In a thread: with thousands of courses it takes longer than a request should wait.
    return await asyncio.to_thread(find_overlaps, active)


async def _count_waiting(*, means: Means) -> None:
    waiting = await means.store.list_waiting()
    WAITING.set(len(waiting))
    overdue = Counter(overdue_of(stored.course, means.today(), means.programme) for stored in waiting)
    for why in get_args(Overdue):
        OVERDUE.labels(why=why).set(overdue[why])


async def until_done(step: Callable[[], Awaitable[object]], *, name: str) -> None:
    """Do one step, again and again while something that it needs is away."""
    pause = 0.5
    while True:
        try:
            await step()
        except DependencyDownError as error:
            log.warning("put-off", step=name, waiting_for=str(error), retry_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_SECONDS_MAX)
        else:
            return


async def keep_up(*, means: Means) -> None:
    """Everything that is due by the clock, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for seconds, name, step in (
            (REFRESH_SECONDS, "refresh", refresh),
            (RECORD_LOADS_SECONDS, "record-loads", record_loads),
            (COMPLETE_SECONDS, "complete", complete_due),
            (COUNT_SECONDS, "count-overlaps", count_overlaps),
            (RELEASE_SECONDS, "release-offers", release_offers),
            (CHECK_TIME_ZONES_SECONDS, "check-time-zones", check_time_zones),
        ):
            tasks.create_task(_every(seconds, name, step, means=means))


async def _every(seconds: float, name: str, step: Callable[..., Awaitable[object]], *, means: Means) -> None:
    while True:
        try:
            await until_done(lambda: step(means=means), name=name)
        except Exception:
            # Booking must go on although, say, one stored course cannot be read; the log shows it each time.
            log.exception("step-failed", step=name)
        await asyncio.sleep(seconds)
