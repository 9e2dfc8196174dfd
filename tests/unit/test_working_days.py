from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.working_days import is_working_day, working_day_from, working_days_after, working_days_before
from tests.factories import spark

SPARK = spark()
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "count", "before"),
    [
        (date(2027, 1, 12), 1, date(2027, 1, 11)),  # an ordinary Tuesday
        (date(2027, 1, 12), 7, date(2026, 12, 30)),  # over New Year, in ISO week 53 of 2026; 31/12 and 1/1 are closed
        (date(2027, 3, 30), 1, date(2027, 3, 24)),  # the Tuesday after Easter: over Maundy Thursday to Easter Monday
        (date(2026, 12, 28), 1, date(2026, 12, 23)),  # over 24/12 to 27/12
        (date(2027, 5, 7), 1, date(2027, 5, 5)),  # the day after Ascension Day
        (date(2027, 8, 9), 1, date(2027, 7, 9)),  # the Monday after the closed weeks 28 to 31
        (date(2027, 1, 10), 1, date(2027, 1, 8)),  # a Sunday
    ],
)
def test_working_days_are_counted_back_over_closed_days(day: date, count: int, before: date) -> None:
    """Weekends, public holidays, closed dates and closed weeks do not count."""
    assert working_days_before(day, count, SPARK) == before


@given(DAYS, st.integers(1, 60))
def test_counting_forth_and_back_meet(day: date, count: int) -> None:
    """Both ends of a count are working days, and as many lie between them as were counted."""
    before, after = working_days_before(day, count, SPARK), working_days_after(day, count, SPARK)
    assert is_working_day(before, SPARK)
    assert is_working_day(after, SPARK)
    assert sum(is_working_day(before + timedelta(days=number), SPARK) for number in range((day - before).days)) == count
    assert sum(is_working_day(day + timedelta(days=number + 1), SPARK) for number in range((after - day).days)) == count


@given(DAYS)
def test_the_working_day_from_a_day_on_may_be_that_day(day: date) -> None:
    """On a working day it is the day itself, otherwise the next one."""
    found = working_day_from(day, SPARK)
    assert found == (day if is_working_day(day, SPARK) else working_days_after(day, 1, SPARK))


def test_where_nobody_ever_works_counting_ends() -> None:
    """A count that finds nothing is refused, not endless."""
    never = SPARK.model_copy(update={"closed": SPARK.closed.model_copy(update={"weeks": tuple(range(1, 54))})})
    with pytest.raises(ValueError, match="no 1 working days"):
        working_days_before(date(2027, 1, 12), 1, never)
