"""What the stored roster takes in memory: 1,000 consultants over two years, half of whose workdays are taken."""

import tracemalloc
from random import Random

from services.scheduler.availability import Horizon
from tests.bench.match_samples import FIRST_DAY, stored_roster
from tests.factories import spark

CONSULTANTS = 1000
DAYS = 2 * 365


def calendar_megabytes(rng: Random) -> dict[str, float]:
    """Everything that the calendar keeps, with the claims that it was told of, once all free time has been asked for."""
    programme = spark()
    tracemalloc.start()
    try:
        calendar = stored_roster(rng, CONSULTANTS, DAYS, programme, today=FIRST_DAY, kind="country")
        loaded = tracemalloc.get_traced_memory()[0]
        candidates = calendar.candidates(Horizon(first=FIRST_DAY, days=DAYS, zone=programme.tz))
        asked_for = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    if len(candidates) != CONSULTANTS:
        raise AssertionError("somebody is missing from the roster")
    return {"roster_and_claims": round(loaded / 1e6, 1), "free_time": round((asked_for - loaded) / 1e6, 1)}
