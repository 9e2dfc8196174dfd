from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.reference.holidays import closed_days, public_holidays

KEPT_FREE = ((6, 5), (12, 24), (12, 31))
SUMMER_WEEKS = (28, 29, 30, 31)


def test_public_holidays_of_2027() -> None:
    """The ten public holidays of 2027, and none besides."""
    expected = {(1, 1), (3, 25), (3, 26), (3, 28), (3, 29), (5, 6), (5, 16), (5, 17), (12, 25), (12, 26)}
    assert {(day.month, day.day) for day in public_holidays(date(2027, 1, 1), date(2027, 12, 31))} == expected


def test_store_bededag_is_gone_after_2023() -> None:
    """The fourth Friday after Easter was a holiday until 2023 and is an ordinary workday since 2024."""
    assert date(2023, 5, 5) in public_holidays(date(2023, 5, 1), date(2023, 5, 31))
    for day in (date(2024, 4, 26), date(2026, 5, 1), date(2027, 4, 23), date(2028, 5, 12)):
        assert day not in public_holidays(day, day)


def test_a_programme_keeps_days_and_weeks_free() -> None:
    """Fixed dates and the summer's ISO weeks are closed, the days around them are not."""
    closed = closed_days(date(2027, 1, 1), date(2028, 12, 31), fixed_dates=KEPT_FREE, weeks=SUMMER_WEEKS)
    for day in (date(2027, 6, 5), date(2028, 6, 5), date(2027, 12, 24), date(2028, 12, 31)):
        assert day in closed
    assert {date(2027, 7, 12), date(2027, 8, 8)} <= closed
    assert not {date(2027, 7, 11), date(2027, 8, 9)} & closed


def test_a_span_of_nothing_is_closed_on_no_day() -> None:
    """A span whose end lies before its beginning has no days."""
    assert closed_days(date(2027, 3, 28), date(2027, 3, 27), weeks=range(1, 54)) == frozenset()


@given(
    st.dates(min_value=date(2024, 1, 1), max_value=date(2035, 1, 1)),
    st.integers(min_value=0, max_value=500),
    st.integers(min_value=0, max_value=500),
)
def test_a_longer_span_agrees_with_a_shorter_one(first: date, inner: int, more: int) -> None:
    """Whether a day is closed never depends on the span that is asked for, and no day outside it is named."""
    last, later = first + timedelta(days=inner), first + timedelta(days=inner + more)
    short = closed_days(first, last, fixed_dates=KEPT_FREE, weeks=SUMMER_WEEKS)
    long = closed_days(first, later, fixed_dates=KEPT_FREE, weeks=SUMMER_WEEKS)
    assert short == {day for day in long if day <= last}
    assert all(first <= day <= later for day in long)
