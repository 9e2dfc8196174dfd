"""Free time of the roster in memory, and that no booking made through it can overlap another."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.availability import Horizon, free_wide, wall_bits
from services.scheduler.course_plan import question_of, window_for
from services.scheduler.grains import GRAINS_PER_DAY, capacity_key, claim_key, grain_of, grains_between, instant_at
from services.scheduler.matching import match
from services.scheduler.roster_calendar import RosterCalendar
from shared.reference.municipalities import load_municipalities
from tests.factories import spark
from tests.scheduler_samples import AARHUS, COPENHAGEN, ODENSE, matter_of, request_of, roster_entry

SPARK = spark()
TODAY = date(2026, 11, 20)
ZONE = SPARK.tz


def new_calendar(today: date = TODAY) -> RosterCalendar:
    calendar = RosterCalendar(zone=ZONE, horizon_days=400, today=today)
    calendar.put("anne", roster_entry(leave=[{"first": "2027-01-04", "last": "2027-01-08"}]).facts())
    return calendar


def claims(day: date, hour: int, hours: int) -> list[str]:
    start = instant_at(day, hour * 60, ZONE)
    return [claim_key("anne", grain) for grain in grains_between(start, start + timedelta(hours=hours))]


@given(offset=st.integers(0, 500), days=st.integers(0, 400))
def test_a_window_shows_the_same_time_however_it_is_cut_out(offset: int, days: int) -> None:
    """Inside the remembered span or beyond it: equal to working it out for that window alone."""
    calendar = new_calendar()
    held = [*claims(date(2027, 3, 28), 8, 4), *claims(date(2027, 3, 29), 8, 4), *claims(date(2027, 10, 29), 10, 2)]
    calendar.hold("a1", {"anne": [*held, capacity_key("anne", 0)]})
    horizon = Horizon(first=TODAY + timedelta(days=offset), days=days, zone=ZONE)
    grains = [
        grain
        for day, hour, hours in ((date(2027, 3, 28), 8, 4), (date(2027, 3, 29), 8, 4), (date(2027, 10, 29), 10, 2))
        for grain in range(
            grain_of(instant_at(day, hour * 60, ZONE)), grain_of(instant_at(day, hour * 60, ZONE)) + 2 * hours
        )
    ]
    leave = [((date(2027, 1, 4), 0), (date(2027, 1, 9), 0))]
    [candidate] = calendar.candidates(horizon)
    assert candidate.free == free_wide(horizon, leave) & ~wall_bits(horizon, grains)


def test_places_are_taken_from_the_lowest_and_come_back() -> None:
    """A course holds one place among hers until it is let go."""
    calendar = new_calendar()
    for place in range(8):
        assert calendar.free_place("anne") == place
        calendar.hold(f"a{place}", {"anne": [capacity_key("anne", place)]})
    assert calendar.free_place("anne") is None
    calendar.release("a3")
    assert calendar.free_place("anne") == 3
    [candidate] = calendar.candidates(Horizon(first=TODAY, days=10, zone=ZONE))
    assert candidate.active_courses == 7


def test_a_lowered_limit_leaves_what_she_holds_and_opens_nothing_until_she_is_below_it() -> None:
    """Three courses, then a limit of two: when the lowest place comes free she still has two, and gets no third."""
    calendar = new_calendar()
    for place in range(3):
        calendar.hold(f"a{place}", {"anne": [capacity_key("anne", place)]})
    calendar.put("anne", roster_entry(max_courses=2).facts())
    assert calendar.free_place("anne") is None
    [candidate] = calendar.candidates(Horizon(first=TODAY, days=10, zone=ZONE))
    assert (candidate.active_courses, candidate.facts.max_courses) == (3, 2)
    calendar.release("a0")
    assert calendar.free_place("anne") is None
    calendar.release("a1")
    assert calendar.free_place("anne") == 0


def test_leave_until_further_notice_lasts_to_the_end_of_the_window() -> None:
    """Written as the last day that there is, it has no day after it."""
    calendar = RosterCalendar(zone=ZONE, horizon_days=400, today=TODAY)
    calendar.put("anne", roster_entry(leave=[{"first": "2027-01-04", "last": "9999-12-31"}]).facts())
    [candidate] = calendar.candidates(Horizon(first=date(2027, 1, 6), days=100, zone=ZONE))
    assert candidate.free == 0


@pytest.mark.parametrize("changed", [date(2027, 3, 28), date(2027, 10, 31)])
def test_leave_ends_with_the_local_day_on_both_clock_changes(changed: date) -> None:
    """23 hours or 25: the whole day is taken, and the half hours of the days around it are free."""
    calendar = RosterCalendar(zone=ZONE, horizon_days=400, today=TODAY)
    calendar.put("anne", roster_entry(leave=[{"first": str(changed), "last": str(changed)}]).facts())
    [candidate] = calendar.candidates(Horizon(first=changed, days=1, zone=ZONE))
    days = [candidate.free >> day * GRAINS_PER_DAY & (1 << GRAINS_PER_DAY) - 1 for day in range(5)]
    whole = (1 << GRAINS_PER_DAY) - 1
    assert days == [whole, whole, 0, whole, whole]


def test_only_what_may_help_somebody_who_waits_counts_as_an_opening() -> None:
    """A booking does not; a change of the roster, a course let go, a new day do."""
    calendar = new_calendar()
    roster = {"anne": roster_entry(leave=[{"first": "2027-01-04", "last": "2027-01-08"}]).facts()}

    def opened() -> bool:
        before, calendar.openings = calendar.openings, 0
        return before > 0

    assert opened()
    calendar.hold("a1", {"anne": [capacity_key("anne", 0)]})
    calendar.roll(TODAY)
    calendar.load(roster=roster, held={"anne": {"a1": [capacity_key("anne", 0)], "a2": [capacity_key("anne", 1)]}})
    assert not opened()
    calendar.load(roster=roster, held={"anne": {"a2": [capacity_key("anne", 1)]}})
    assert opened(), "another process let a1 go"
    calendar.release("unknown")
    assert not opened()
    calendar.hold("a3", {"anne": [capacity_key("anne", 2)]})
    calendar.replace_held("anne", {"a2": [capacity_key("anne", 1)]})
    assert opened(), "another process let a3 go, and it was seen after a lost race"
    calendar.release("a2")
    assert opened()
    calendar.roll(TODAY + timedelta(days=1))
    assert opened()
    calendar.load(roster={}, held={})
    assert opened()


APPLICATION = st.fixed_dictionaries(
    {
        "municipality": st.sampled_from([ODENSE, AARHUS, COPENHAGEN]),
        "kind": st.sampled_from(["single", "joint"]),
        "earliest_start": st.dates(date(2026, 12, 1), date(2027, 4, 1)),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    applications=st.lists(APPLICATION, min_size=2, max_size=8),
    homes=st.lists(st.sampled_from([ODENSE, AARHUS]), min_size=1, max_size=2),
)
def test_no_two_courses_booked_one_after_the_other_overlap(
    applications: list[dict[str, object]], homes: list[str]
) -> None:
    """Checked by comparing the claimed times themselves, travel included, not by keys or bitmaps."""
    calendar = RosterCalendar(zone=ZONE, horizon_days=400, today=TODAY)
    for number, home in enumerate(homes):
        calendar.put(f"c{number}", roster_entry(f"c{number}", municipality=home).facts())
    busy = []
    for number, wanted in enumerate(applications):
        request = request_of(kind=wanted["kind"], earliest_start=wanted["earliest_start"])
        question = question_of(
            request,
            window_for(request, SPARK),
            matter_of(municipality=str(wanted["municipality"])),
            calendar=calendar,
            programme=SPARK,
            municipalities=load_municipalities(),
            workplace_key=bytes(32),
            today=TODAY,
        )
        plan = match(question).winner
        if plan is not None:
            place = calendar.free_place(plan.consultant)
            assert place is not None
            calendar.hold(f"a{number}", {plan.consultant: [*plan.claims(), capacity_key(plan.consultant, place)]})
            busy += [(plan.consultant, one.claimed_from, one.claimed_until) for one in plan.meetings]
    for (who, _, until), (next_one, begin, _) in pairwise(sorted(busy)):
        assert who != next_one or until <= begin
