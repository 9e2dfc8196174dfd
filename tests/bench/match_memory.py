"""What the availability of a roster takes in memory: 1,000 consultants over two years, nearly half of whose workdays are taken."""

import tracemalloc
from random import Random

from services.scheduler.availability import Horizon
from services.scheduler.roster_calendar import RosterCalendar
from tests.bench.match_samples import FIRST_DAY, roster_and_claims
from tests.factories import spark

CONSULTANTS = 1000
MEASURED = 200
"""Consultants who are measured; each has bitmaps and claims of her own, so a thousand take five times as much."""
DAYS = 2 * 365


def calendar_megabytes(rng: Random) -> dict[str, float]:
    """What a calendar keeps of the claims that it was told of, and of the free time that it was asked for."""
    programme = spark()
    roster, held = roster_and_claims(rng, MEASURED, DAYS, programme, today=FIRST_DAY, kind="country")
    calendar = RosterCalendar(zone=programme.tz, horizon_days=DAYS, today=FIRST_DAY)
    tracemalloc.start()
    try:
        calendar.load(roster=roster, held=held)
        claims = tracemalloc.get_traced_memory()[0]
        calendar.candidates(Horizon(first=FIRST_DAY, days=DAYS - 2, zone=programme.tz))
        availability = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    scale = CONSULTANTS / MEASURED / 1e6
    return {
        "claims": round(claims * scale, 1),
        "free_time": round((availability - claims) * scale, 1),
        "all": round(availability * scale, 1),
        "goal": 50,
    }
