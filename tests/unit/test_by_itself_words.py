"""Everything that the scheduler does by itself has words in the history of a course."""

from typing import get_args

from services.scheduler.coordinator.by_itself import BY_ITSELF
from services.scheduler.counter import COUNTER_DECLINED, COUNTER_TAKEN
from services.scheduler.mend import CLEARED, REPAIRED, STALLED
from services.scheduler.new_dates import DATE_CHOSEN
from services.scheduler.time_zones.follow_clock import FOLLOWED
from shared.course_facts import Cause

FOUND_BY_ITSELF = ("consultant_declined", "contacts_declined", "leave", "dropped_out")


def test_each_code_has_words() -> None:
    """And no words stand there for a code that nobody writes."""
    assert set(FOUND_BY_ITSELF) <= set(get_args(Cause))
    codes = {begin + cause for begin in (REPAIRED, STALLED) for cause in FOUND_BY_ITSELF}
    assert set(BY_ITSELF) == codes | {CLEARED, COUNTER_TAKEN, COUNTER_DECLINED, DATE_CHOSEN, FOLLOWED}
