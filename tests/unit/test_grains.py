"""Half hours of the UTC grid, wall time with its clock changes, and claim keys."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.clock_changes import spans, steady
from services.scheduler.grains import (
    GRAINS_PER_DAY,
    ClockChangeError,
    capacity_key,
    claim_key,
    clock_change_at,
    grain_of,
    grains_between,
    instant_at,
    instant_of,
    parse_capacity_key,
    parse_claim_key,
    wall_of,
    wall_text,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)

instants = st.datetimes(datetime(1971, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy wants naive bounds
zones = st.sampled_from(["Europe/Copenhagen", "Australia/Lord_Howe", "America/St_Johns", "UTC", "Pacific/Apia"])


@given(instants)
def test_a_grain_is_the_half_hour_around_an_instant(instant: datetime) -> None:
    """The grain's begin is not after the instant, its end is."""
    begin = instant_of(grain_of(instant))
    assert begin <= instant < begin + timedelta(minutes=30)
    assert begin.minute in (0, 30)


@given(instants, st.integers(0, 10**8))
def test_grains_between_cover_a_stretch_and_no_more(begin: datetime, microseconds: int) -> None:
    """Each grain of the range touches the stretch; the one before and the one after do not."""
    end = begin + timedelta(microseconds=microseconds + 1)
    grains = grains_between(begin, end)
    assert instant_of(grains.start) <= begin < instant_of(grains.start + 1)
    assert instant_of(grains.stop - 1) < end <= instant_of(grains.stop)


def test_a_stretch_of_no_length_on_the_grid_takes_no_grain() -> None:
    """[08:00, 08:00) is empty."""
    instant = datetime(2027, 1, 12, 8, tzinfo=UTC)
    assert len(grains_between(instant, instant)) == 0


@given(instants, zones)
def test_wall_time_goes_there_and_back(instant: datetime, name: str) -> None:
    """The wall time of a grain's begin leads back to it, unless a clock change repeats it."""
    zone, begin = ZoneInfo(name), instant_of(grain_of(instant))
    day, minute = wall_of(begin, zone)
    kind = clock_change_at(day, minute, zone)
    assert kind != "skipped"
    if kind is None:
        assert instant_at(day, minute, zone) == begin


def test_minute_1440_is_the_next_midnight() -> None:
    """24:00 names the instant at which the next day begins."""
    assert instant_at(date(2027, 1, 12), 1440, COPENHAGEN) == datetime(2027, 1, 12, 23, tzinfo=UTC)
    assert wall_text(date(2027, 1, 12), 1440) == "2027-01-13T00:00"


@pytest.mark.parametrize(
    ("day", "minute", "kind"),
    [
        (SPRING, 119, None),
        (SPRING, 120, "skipped"),
        (SPRING, 150, "skipped"),
        (SPRING, 180, None),
        (AUTUMN, 119, None),
        (AUTUMN, 120, "repeated"),
        (AUTUMN, 179, "repeated"),
        (AUTUMN, 180, None),
    ],
)
def test_both_clock_changes_are_seen(day: date, minute: int, kind: str | None) -> None:
    """In Denmark 02:00-03:00 is skipped in spring and repeated in autumn, and its neighbours are plain."""
    assert clock_change_at(day, minute, COPENHAGEN) == kind
    if kind:
        with pytest.raises(ClockChangeError, match=kind):
            instant_at(day, minute, COPENHAGEN)


@pytest.mark.parametrize(("day", "missing"), [(SPRING, {4, 5}), (AUTUMN, {4, 5}), (date(2027, 3, 27), set())])
def test_steady_half_hours_are_those_that_exist_once(day: date, missing: set[int]) -> None:
    """The bitmap leaves out exactly the skipped or repeated half hours of the day."""
    bits = steady(COPENHAGEN, day, 1)
    assert {grain for grain in range(GRAINS_PER_DAY) if not bits >> grain & 1} == missing


@given(st.dates(date(1995, 1, 1), date(2060, 1, 1)), zones)
def test_steady_agrees_with_each_wall_time(day: date, name: str) -> None:
    """Bitmap and single look-ups say the same of every half hour of two days."""
    zone = ZoneInfo(name)
    bits = steady(zone, day, 2)
    for grain in range(2 * GRAINS_PER_DAY):
        assert bits >> grain & 1 == (clock_change_at(day, grain * 30, zone) is None)


@given(st.dates(date(1995, 1, 1), date(2060, 1, 1)), st.integers(1, 500), zones)
def test_spans_join_without_holes(first: date, days: int, name: str) -> None:
    """The spans of a year and more follow each other, each with another offset than the one before."""
    found = spans(ZoneInfo(name), first, days)
    for before, after in pairwise(found):
        assert before.end == after.begin
        assert before.offset_seconds != after.offset_seconds
    assert found[0].begin * 1800 <= datetime.combine(first, datetime.min.time(), tzinfo=UTC).timestamp()


def test_a_claim_key_reads_as_consultant_and_utc_half_hour() -> None:
    """The key is the one that the database index guards."""
    grain = grain_of(datetime(2027, 1, 12, 8, tzinfo=UTC))
    assert claim_key("k07", grain) == "k07|2027-01-12T08:00Z"
    assert capacity_key("k07", 2) == "k07#2"


@given(st.text(min_size=1), instants, st.integers(0, 99))
def test_keys_go_there_and_back(consultant: str, instant: datetime, place: int) -> None:
    """Also for ids that hold the separators themselves."""
    grain = grain_of(instant)
    assert parse_claim_key(claim_key(consultant, grain)) == (consultant, grain)
    assert parse_capacity_key(capacity_key(consultant, place)) == (consultant, place)


@pytest.mark.parametrize(
    "key",
    [
        "k07#2",
        "k07|2027-01-12T08:10Z",
        "|2027-01-12T08:00Z",
        "k07|",
        "k07",
        "",
        "k07|2027-01-12T08:00",
        "k07|2027-W02-2T08:00Z",
    ],
)
def test_what_is_no_claim_key_is_refused(key: str) -> None:
    """A capacity key, an instant off the grid and broken keys are told apart from claims."""
    with pytest.raises(ValueError, match="claim key"):
        parse_claim_key(key)


@pytest.mark.parametrize("key", ["k07|2027-01-12T08:00Z", "k07#", "#1", "k07#-1", "k07#²"])
def test_what_is_no_capacity_key_is_refused(key: str) -> None:
    """A claim key and broken keys are told apart from places."""
    with pytest.raises(ValueError, match="capacity key"):
        parse_capacity_key(key)
