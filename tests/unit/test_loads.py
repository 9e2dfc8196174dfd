"""How much of a consultant's time courses take by month, and the measure of how fairly it is shared."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.grains import capacity_key, claim_key, grains_between, instant_at
from services.scheduler.loads.available import available_minutes
from services.scheduler.loads.claimed import claimed_by_month, kept
from services.scheduler.loads.months import days_of, last_day, months_between, shifted
from services.scheduler.loads.report import Load, RecordedLoad, fairness, load_report
from tests.factories import spark
from tests.scheduler_samples import roster_entry

SPARK = spark()
ZONE = SPARK.tz
TODAY = date(2027, 3, 10)


def claims(who: str, day: date, hour: int, hours: int) -> list[str]:
    start = instant_at(day, hour * 60, ZONE)
    return [claim_key(who, grain) for grain in grains_between(start, start + timedelta(hours=hours))]


def load(ratio: float, who: str = "anne", available: int = 6000) -> Load:
    return Load(who, 1, round(ratio * available), available)


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    """December is followed by January, February has a leap day in 2028."""
    assert (shifted("2026-12", 1), shifted("2027-01", -1), shifted("2027-03", -15)) == ("2027-01", "2026-12", "2025-12")
    assert list(months_between("2026-11", "2027-02")) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert last_day("2028-02") == date(2028, 2, 29)
    assert len(list(days_of("2028-02"))) == 29


def test_claims_are_sorted_by_the_local_month() -> None:
    """A half hour just after midnight in Denmark belongs to the new month, though it is still the old one in UTC."""
    night = [
        claim_key("anne", grain) for grain in grains_between(*(instant_at(date(2027, 4, 1), m, ZONE) for m in (0, 60)))
    ]
    held = {"anne": {"a1": [*claims("anne", date(2027, 3, 31), 9, 3), *night, capacity_key("anne", 0)]}}
    assert claimed_by_month(held, ZONE) == {
        ("2027-03", "anne"): {"a1": {"2027-03-31": 6}},
        ("2027-04", "anne"): {"a1": {"2027-04-01": 2}},
    }


@pytest.mark.parametrize("changed", [date(2027, 3, 28), date(2027, 10, 31)])
def test_half_hours_are_counted_as_they_pass_on_both_clock_changes(changed: date) -> None:
    """From 1 to 4 on the clock: two hours when it goes forward, four when it goes back."""
    begin, end = instant_at(changed, 60, ZONE), instant_at(changed, 240, ZONE)
    held = {"anne": {"a1": [claim_key("anne", grain) for grain in grains_between(begin, end)]}}
    [by_course] = claimed_by_month(held, ZONE).values()
    assert by_course["a1"] == {changed.isoformat(): 4 if changed.month == 3 else 8}


def test_what_a_course_took_before_it_ended_stays_and_what_was_to_come_goes() -> None:
    """Completed or called off: past days stay as recorded, days from today on are as claimed now."""
    recorded = {"a1": {"2027-03-02": 6, "2027-03-20": 6}, "a2": {"2027-03-15": 4}, "a3": {"2027-03-01": 8}}
    claimed = {"a3": {"2027-03-25": 2}}
    assert kept(recorded, claimed, TODAY) == {"a1": {"2027-03-02": 6}, "a3": {"2027-03-01": 8, "2027-03-25": 2}}


@given(
    st.dictionaries(
        st.sampled_from(["a1", "a2", "a3"]),
        st.dictionaries(st.dates(date(2027, 3, 1), date(2027, 3, 31)).map(date.isoformat), st.integers(1, 9)),
    ),
    st.dictionaries(
        st.sampled_from(["a1", "a2", "a3"]),
        st.dictionaries(st.dates(date(2027, 3, 1), date(2027, 3, 31)).map(date.isoformat), st.integers(1, 9)),
    ),
)
def test_recording_again_changes_nothing(
    recorded: dict[str, dict[str, int]], claimed: dict[str, dict[str, int]]
) -> None:
    """Idempotent: the same claims over what was recorded from them give the same."""
    once = kept(recorded, claimed, TODAY)
    assert kept(once, claimed, TODAY) == once


def test_available_time_follows_hours_periods_leave_and_closed_days() -> None:
    """March 2027: 23 weekdays less Easter's Thursday, Friday and Monday make 20 days of eight hours."""
    closed = SPARK.closed_days(date(2027, 3, 1), date(2027, 3, 31))
    assert available_minutes(roster_entry().facts(), "2027-03", closed) == 20 * 480
    leave = [{"first": "2027-02-20", "last": "2027-03-03"}]
    assert available_minutes(roster_entry(leave=leave).facts(), "2027-03", closed) == 17 * 480
    mornings = [{"first": "2027-03-08", "last": "2027-03-14", "hours": {"mon": [["08:00", "12:00"]]}}]
    assert available_minutes(roster_entry(hours_by_period=mornings).facts(), "2027-03", closed) == 15 * 480 + 240
    assert available_minutes(roster_entry(active=False).facts(), "2027-03", closed) == 0
    twice = {"mon": [["08:00", "12:00"], ["10:00", "13:00"], ["13:00", "14:00"]]}
    assert available_minutes(roster_entry(hours=twice).facts(), "2027-03", closed) == 4 * 360


@pytest.mark.parametrize(
    ("ratios", "index"),
    [((0.2, 0.2, 0.2), 1.0), ((0.6, 0.0, 0.0), 1 / 3), ((0.0, 0.0), 1.0), ((0.1, 0.3), 0.16 / 0.2), ((0.7,), 1.0)],
)
def test_fairness_is_jains_index(ratios: tuple[float, ...], index: float) -> None:
    """1 where all are loaded alike, 1/n where one of n has everything; nobody loaded at all is fair."""
    assert fairness(load(ratio) for ratio in ratios) == pytest.approx(index)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=30))
def test_fairness_lies_between_one_nth_and_one(ratios: list[float]) -> None:
    """Whatever the loads are."""
    found = fairness(load(ratio) for ratio in ratios)
    assert found is not None
    assert 1 / len(ratios) - 1e-9 <= found <= 1 + 1e-9


def test_who_works_not_at_all_in_a_month_does_not_count_for_fairness() -> None:
    """Her leave is nobody's unfairness; without anybody there is nothing to measure."""
    away = Load("bo", 0, 0, 0)
    assert fairness([load(0.5), away]) == 1.0
    assert fairness([away]) is None


def test_a_report_takes_the_past_as_recorded_and_the_future_from_the_roster() -> None:
    """Ended months stay as they were, although her hours and the roster are others today."""
    facts = roster_entry().facts()
    recorded = [
        RecordedLoad("2027-01", "anne", 4800, {}, ended=Load("anne", 2, 960, 4800)),
        RecordedLoad("2027-01", "gone", 2400, {}, ended=Load("gone", 1, 480, 2400)),
        RecordedLoad("2027-03", "anne", 1, {"a1": {"2027-03-02": 6}}),
    ]
    held = {"anne": {"a2": [*claims("anne", date(2027, 3, 16), 9, 4), *claims("anne", date(2027, 4, 6), 9, 2)]}}
    january, february, march, april = load_report(
        first="2027-01",
        last="2027-04",
        recorded=recorded,
        claimed=claimed_by_month(held, ZONE),
        roster={"anne": facts, "bo": roster_entry("bo").facts()},
        closed_days=SPARK.closed_days,
        today=TODAY,
    )
    assert january.loads == (Load("anne", 2, 960, 4800), Load("gone", 1, 480, 2400))
    assert january.fairness == 1.0
    assert (february.loads, february.fairness) == ((), None)
    assert march.loads == (Load("anne", 2, 180 + 240, 20 * 480), Load("bo", 0, 0, 20 * 480))
    assert march.fairness == pytest.approx(0.5)
    assert april.loads[0] == Load("anne", 1, 120, 22 * 480)
