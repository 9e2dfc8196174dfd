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


def test_week_53_of_2026_is_closed_only_where_it_is_named() -> None:
    """2026 has 53 ISO weeks, the last one reaching into 2027; 2027 has 52, so naming week 53 closes nothing of its end."""
    span = date(2026, 12, 1), date(2028, 1, 31)
    ordinary = closed_days(*span)
    named = closed_days(*span, weeks=[53])
    week_53 = {date(2026, 12, 28) + timedelta(days=offset) for offset in range(7)}
    assert named - ordinary == week_53 - ordinary
    assert {date(2026, 12, 28), date(2027, 1, 3)} <= named
    assert not {date(2026, 12, 27), date(2027, 1, 4), date(2027, 12, 30)} & named


def test_week_1_may_begin_in_the_year_before() -> None:
    """Week 1 of 2030 begins on the last day of 2029 and is closed with it."""
    closed = closed_days(date(2029, 12, 1), date(2030, 1, 31), weeks=[1])
    assert {date(2029, 12, 31), date(2030, 1, 6)} <= closed
    assert not {date(2029, 12, 30), date(2030, 1, 7)} & closed


def test_a_leap_day_is_a_day_like_others() -> None:
    """29 February may be kept free; years without one just do not have it."""
    closed = closed_days(date(2027, 1, 1), date(2028, 12, 31), fixed_dates=((2, 29),))
    assert date(2028, 2, 29) in closed
    assert not {date(2028, 2, 28), date(2028, 3, 1), date(2027, 2, 28), date(2027, 3, 1)} & closed
    assert date(2028, 2, 29) not in closed_days(date(2028, 2, 1), date(2028, 3, 1))


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
