"""Looks through the meetings to come for those whose instant and wall time have come apart, and shows how many there are."""

from contextlib import aclosing

import structlog
from prometheus_client import Gauge

from services.scheduler.means import Means
from services.scheduler.time_zones.off_wall import OffWall, off_wall

OFF_WALL_TIME = Gauge(
    "forloeb_meetings_off_wall_time",
    "Meetings to come that today's time zone rules put at another instant than was booked. See `forloeb tz check`.",
)

log = structlog.get_logger(__name__)


async def check_time_zones(*, means: Means) -> list[OffWall]:
    """Raises DependencyDownError."""
    found: list[OffWall] = []
    now = means.clock()
    async with aclosing(means.store.booked()) as courses:
        async for stored in courses:
            found += off_wall([stored.course], now)
    OFF_WALL_TIME.set(len(found))
    if found:
        log.error("meetings-off-wall-time", count=len(found))
    return found
