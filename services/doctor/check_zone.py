"""Checks the time zone data: the invites carry two yearly rules as constants, and this machine must know the same ones. Pure."""

import importlib.metadata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.doctor.finding import Finding, ok, wrong
from services.scheduler.vtimezone import ZONE, wall_time

WHAT = "time zone"
YEARS_AHEAD = 3
STEP = timedelta(hours=6)
ADVICE = "Install a newer version of the package tzdata, or of this program if the rule itself was changed."


def check_zone(now: datetime) -> Finding:
    """Compares the wall times of the next years with those that readers of our invites work out."""
    try:
        zone = ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        return wrong(WHAT, f"{ZONE} is not known here", "Install the package tzdata.")
    moment = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = moment + timedelta(days=366 * YEARS_AHEAD)
    while moment < end:
        told = wall_time(moment)
        if told is not None and told != moment.astimezone(zone).strftime("%Y%m%dT%H%M%S"):
            return wrong(WHAT, f"{ZONE} differs from the rule in our invites on {moment.date()}", ADVICE)
        moment += STEP
    return ok(WHAT, f"{ZONE} as in our invites until {end.date()} (tzdata {_version()})")


def _version() -> str:
    try:
        return importlib.metadata.version("tzdata")
    except importlib.metadata.PackageNotFoundError:
        return "of the system"
