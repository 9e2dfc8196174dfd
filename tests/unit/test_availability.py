"""Bitmaps of working hours and free time say the same as plain arithmetic on intervals."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.availability import (
    GRAINS_PER_DAY,
    MARGIN_DAYS,
    MARGIN_GRAINS,
    Horizon,
    Interval,
    WallTime,
    WorkingHours,
    day_bits,
    free_wide,
    runs,
    wall_bits,
    window_of,
)
from services.scheduler.grains import grain_of, grains_between, instant_at, instant_of, wall_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
MONDAY = date(2027, 1, 18)
WEEK = Horizon(first=MONDAY, days=7, zone=COPENHAGEN)

day_intervals = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda pair: pair[0] < pair[1])
weeks = st.dictionaries(st.integers(0, 6), st.lists(day_intervals, max_size=4))
wall_times = st.tuples(st.dates(MONDAY - timedelta(days=5), MONDAY + timedelta(days=12)), st.integers(0, 1440))
wall_intervals = st.lists(st.tuples(wall_times, wall_times).filter(lambda pair: pair[0] < pair[1]), max_size=6)


def positions(bits: int) -> set[int]:
    return {place for place in range(bits.bit_length()) if bits >> place & 1}


def at(*hours: float) -> set[int]:
    """Half hours of the first day."""
    return {int(hour * 2) for hour in hours}


@given(st.integers(0, 2**200), st.integers(1, 40))
def test_runs_are_the_places_where_so_many_bits_follow(bits: int, length: int) -> None:
    """Shift-and-AND equals looking at every place."""
    mask = (1 << length) - 1
    assert runs(bits, length) == sum(1 << place for place in range(201) if bits >> place & mask == mask)


@given(weeks, st.integers(1, 49))
def test_starts_fit_one_interval_of_one_day(week: dict[int, list[Interval]], grains: int) -> None:
    """A start is in the bitmap exactly where some single interval of that weekday holds the whole meeting."""
    expected = {
        day * GRAINS_PER_DAY + start
        for day in range(7)
        for start in range(GRAINS_PER_DAY)
        if any(low <= start * 30 and (start + grains) * 30 <= high for low, high in week.get(day, []))
    }
    assert positions(WorkingHours(WEEK, week).starts(grains)) == expected


def test_adjacent_intervals_are_not_merged() -> None:
    """08-10 and 10-12 hold no meeting of three hours, and none over 10 o'clock."""
    hours = WorkingHours(WEEK, {0: [(480, 600), (600, 720)]})
    assert positions(hours.starts(6)) == set()
    assert positions(hours.starts(2)) == at(8, 8.5, 9, 10, 10.5, 11)


def test_overlapping_intervals_are_not_merged() -> None:
    """08-12 and 10-16 hold 08-12 and 10-16, but not 09-13."""
    hours = WorkingHours(WEEK, {0: [(480, 720), (600, 960)]})
    assert positions(hours.starts(8)) == at(8, 10, 10.5, 11, 11.5, 12)


def test_a_meeting_stays_on_one_day() -> None:
    """Hours until 24:00 and from 00:00 hold no meeting over midnight."""
    hours = WorkingHours(WEEK, {0: [(1320, 1440)], 1: [(0, 120)]})
    assert positions(hours.starts(4)) == {44, 48}
    assert positions(hours.starts(6)) == set()


def test_a_meeting_longer_than_a_day_fits_nowhere() -> None:
    """Also in hours around the clock."""
    hours = WorkingHours(WEEK, {weekday: [(0, 1440)] for weekday in range(7)})
    assert hours.starts(48) == WEEK.every_day
    assert hours.starts(49) == hours.starts(10**9) == 0


@given(weeks, weeks, weeks, st.integers(-3, 9), st.integers(0, 9), st.integers(1, 12))
def test_each_period_has_a_week_of_its_own(
    week: dict[int, list[Interval]],
    first_other: dict[int, list[Interval]],
    second_other: dict[int, list[Interval]],
    begin: int,
    length: int,
    grains: int,
) -> None:
    """On each day the hours of its period count, and of no other; days outside of all periods have the ordinary week."""
    low, high = MONDAY + timedelta(days=begin), MONDAY + timedelta(days=begin + length)
    periods = [(low, high, first_other), (high + timedelta(days=2), date.max, second_other)]

    def hours_on(day: date) -> list[Interval]:
        return next((other for first, last, other in periods if first <= day <= last), week).get(day.weekday(), [])

    expected = {
        number * GRAINS_PER_DAY + start
        for number in range(7)
        for start in range(GRAINS_PER_DAY)
        for low, high in hours_on(MONDAY + timedelta(days=number))
        if low <= start * 30 and (start + grains) * 30 <= high
    }
    assert positions(WorkingHours(WEEK, week, periods).starts(grains)) == expected


@given(wall_intervals)
def test_free_time_is_what_no_interval_touches(unavailable: list[tuple[WallTime, WallTime]]) -> None:
    """Every half hour is free exactly where it meets none of the intervals, the margin included."""
    free = free_wide(WEEK, unavailable)
    for place in range(WEEK.wide_days * GRAINS_PER_DAY):
        day, minute = WEEK.wide_first + timedelta(days=place // GRAINS_PER_DAY), place % GRAINS_PER_DAY * 30
        touched = any(
            minutes(*begin) < minutes(day, minute + 30) and minutes(day, minute) < minutes(*end)
            for begin, end in unavailable
        )
        assert free >> place & 1 == (not touched)


@given(wall_intervals, st.integers(1, 8), st.integers(0, 6), st.integers(0, 6))
def test_claims_fit_where_no_interval_meets_them(
    unavailable: list[tuple[WallTime, WallTime]], grains: int, before: int, after: int
) -> None:
    """Runs in the free time, moved by the travel before, are the starts whose claim meets nothing."""
    free = free_wide(WEEK, unavailable)
    starts = runs(free, before + grains + after) >> MARGIN_GRAINS - before
    for start in range(WEEK.days * GRAINS_PER_DAY):
        begin = minutes(WEEK.first, 0) + (start - before) * 30
        end = minutes(WEEK.first, 0) + (start + grains + after) * 30
        clear = not any(minutes(*low) < end and begin < minutes(*high) for low, high in unavailable)
        assert starts >> start & 1 == clear


def test_closed_days_are_left_out() -> None:
    """Days outside the window and days named twice do no harm."""
    open_days = WEEK.without_days([MONDAY, MONDAY, date(2027, 1, 20), date(2030, 1, 1), date(2000, 1, 1)])
    assert {place // GRAINS_PER_DAY for place in positions(open_days)} == {1, 3, 4, 5, 6}
    assert window_of(WEEK, free_wide(WEEK)) == WEEK.without_days([])


def test_bits_of_a_day_are_cut_to_the_day() -> None:
    """Bounds may lie outside, and an empty range is no bit."""
    assert day_bits(-3, 2) == 0b11
    assert day_bits(47, 99) == 1 << 47
    assert day_bits(5, 5) == day_bits(9, 3) == day_bits(50, 60) == 0


@pytest.mark.parametrize("first", [date(2027, 3, 26), date(2027, 10, 29), MONDAY])
@given(data=st.data())
def test_held_utc_grains_fall_where_the_wall_clock_puts_them(first: date, data: st.DataObject) -> None:
    """Each held grain takes the wall half hour in which it lies, over both clock changes too."""
    horizon = Horizon(first=first, days=5, zone=COPENHAGEN)
    middle = grain_of(datetime.combine(first, datetime.min.time(), tzinfo=UTC))
    grains = data.draw(st.sets(st.integers(middle - 400, middle + 600), max_size=20))
    expected = set()
    for grain in grains:
        day, minute = wall_of(instant_of(grain), COPENHAGEN)
        place = (day - horizon.wide_first).days * GRAINS_PER_DAY + minute // 30
        if 0 <= place < horizon.wide_days * GRAINS_PER_DAY:
            expected.add(place)
    assert positions(wall_bits(horizon, grains)) == expected


def test_a_claim_read_back_covers_the_same_wall_time() -> None:
    """08:00-11:00 in summer time, held as UTC grains, makes those wall half hours busy."""
    day = date(2027, 6, 7)
    horizon = Horizon(first=day, days=1, zone=COPENHAGEN)
    grains = grains_between(instant_at(day, 480, COPENHAGEN), instant_at(day, 660, COPENHAGEN))
    assert positions(wall_bits(horizon, grains)) == {MARGIN_GRAINS + place for place in range(16, 22)}


def test_a_zone_off_the_half_hour_grid_takes_both_half_hours() -> None:
    """In Nepal (UTC+05:45) a UTC half hour touches two wall half hours, and both count as held."""
    horizon = Horizon(first=MONDAY, days=1, zone=ZoneInfo("Asia/Kathmandu"))
    held = wall_bits(horizon, [grain_of(datetime(2027, 1, 18, 4, tzinfo=UTC))])
    assert positions(held) == {MARGIN_GRAINS + 19, MARGIN_GRAINS + 20}


def test_an_empty_window_holds_no_start() -> None:
    """A horizon of no days is allowed, and nothing is free in it."""
    horizon = Horizon(first=MONDAY, days=0, zone=COPENHAGEN)
    assert WorkingHours(horizon, {0: [(0, 1440)]}).starts(1) == 0
    assert window_of(horizon, free_wide(horizon)) == 0
    assert horizon.wide_days == 2 * MARGIN_DAYS


def minutes(day: date, minute: int) -> int:
    return day.toordinal() * 1440 + minute
