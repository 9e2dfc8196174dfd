"""Rules of person, working hours and gaps, each on an instance made for it: its code and its detail."""

import pytest

from tests.match_answers import gap, plan, reason, two_meetings
from tests.match_instances import WEEKDAYS, consultant, instance, meeting, workplace

ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
ALWAYS = ["00:00", "24:00"]


def test_a_blocked_consultant_is_ruled_out_before_all_else() -> None:
    """Blocked wins over every other reason, and carries no detail."""
    assert reason(instance(consultants=[consultant(blocked=True, themes=[], max_courses=0)])) == ("blocked", None)


def test_missing_themes_are_listed_in_the_order_of_the_application() -> None:
    """Before capacity; each missing theme once."""
    raw = instance(themes=["b", "samarbejde", "a", "b"], consultants=[consultant(max_courses=0)])
    assert reason(raw) == ("themes", ["b", "a"])


def test_no_theme_asked_for_needs_no_theme() -> None:
    """Themes may be empty on both sides."""
    assert plan(instance(themes=[], consultants=[consultant(themes=[])])).consultant == "c001"


@pytest.mark.parametrize(("active", "limit"), [(0, 0), (3, 3), (4, 3)])
def test_a_full_consultant_is_ruled_out(active: int, limit: int) -> None:
    """Capacity is active < max, and comes before the window."""
    raw = instance(latest="2027-01-01", consultants=[consultant(active_courses=active, max_courses=limit)])
    assert reason(raw) == ("capacity", None)


def test_a_window_that_ends_before_it_begins() -> None:
    """Earliest after latest is no error of the file but rules everybody out."""
    assert reason(instance(latest="2027-01-17")) == ("window", None)


def test_hours_name_the_first_meeting_that_fits_nowhere() -> None:
    """Three hours fit, four and a half do not."""
    week = {"mon": [["08:00", "12:00"]]}
    raw = instance(meetings=two_meetings(minutes=270, place="online"), consultants=[consultant(hours=week)])
    assert reason(raw) == ("hours", "second")


def test_hours_need_one_interval_of_each_side() -> None:
    """The workplace is open when the consultant is not."""
    raw = instance(workplace=workplace(hours={"mon": [["08:00", "12:00"]]}))
    assert plan(raw).starts == ("2027-01-18T08:00",)
    assert reason(raw | {"consultants": [consultant(hours={"mon": [["10:00", "16:00"]]})]}) == ("hours", "opening")


def test_adjacent_intervals_of_hours_are_not_one() -> None:
    """A lunch at 12 that takes no time still parts the day."""
    parted = {"mon": [["10:00", "12:00"], ["12:00", "14:00"]]}
    assert reason(instance(consultants=[consultant(hours=parted)])) == ("hours", "opening")
    assert reason(instance(workplace=workplace(hours=parted))) == ("hours", "opening")


def test_an_interval_may_end_at_midnight() -> None:
    """24:00 is an end, and the meeting still lies on its day."""
    late = {"mon": [["21:00", "24:00"]]}
    raw = instance(travel_hours=["20:00", "24:00"], workplace=workplace(hours=late))
    assert plan(raw | {"consultants": [consultant(hours=late)]}).starts == ("2027-01-18T21:00",)


def test_hours_off_the_half_hour_are_kept_to_the_minute() -> None:
    """08:10-11:20 has room from 08:30 to 11:00, no more."""
    raw = instance(consultants=[consultant(hours={"mon": [["08:10", "11:20"]]})])
    assert reason(raw) == ("hours", "opening")
    assert plan(raw | {"meetings": [meeting(minutes=150)]}).starts == ("2027-01-18T08:30",)


def test_closed_days_hold_for_online_meetings_too() -> None:
    """All Mondays are closed, and the consultant works on Mondays only."""
    raw = instance(
        closed_days=["2027-01-18", "2027-01-25"],
        meetings=[meeting(place="online")],
        consultants=[consultant(hours={"mon": [["08:00", "16:00"]]})],
    )
    assert reason(raw) == ("closed", "opening")


def test_gaps_name_the_first_meeting_that_no_chain_reaches() -> None:
    """Second and third meeting each have days, but the third lies out of reach."""
    raw = instance(
        consultants=[consultant(hours={"mon": [["08:00", "16:00"]]})],
        meetings=[*two_meetings(gap_days=gap(7, 7, 7)), meeting("third", gap_days=gap(1, 1, 6))],
    )
    assert reason(raw) == ("gaps", "third")
    raw["meetings"][1]["gap_days"] = gap(1, 3, 6)
    assert reason(raw) == ("gaps", "second")


def test_gaps_are_counted_in_local_dates() -> None:
    """From late on one day to early on the next is one day, whatever the hours between, also over a clock change."""
    raw = instance(
        earliest="2027-03-27",
        latest="2027-03-29",
        travel_hours=ALWAYS,
        workplace=workplace(
            hours={"sat": [["23:00", "24:00"]], "sun": [["00:00", "01:00"]], "mon": [["00:00", "01:00"]]}
        ),
        consultants=[consultant(hours=ROUND_THE_CLOCK)],
        meetings=[meeting(minutes=60), meeting("second", minutes=60, gap_days=gap(1, 1, 1))],
    )
    assert plan(raw).starts == ("2027-03-27T23:00", "2027-03-28T00:00")
    raw["meetings"][1]["gap_days"] = gap(2, 2, 2)
    assert plan(raw).starts == ("2027-03-27T23:00", "2027-03-29T00:00")


def test_the_rule_is_the_first_that_leaves_some_meeting_without_start() -> None:
    """The second meeting fails hours, the first one only closed: hours come first in the order of rules."""
    raw = instance(
        closed_days=["2027-01-18", "2027-01-25"],
        consultants=[consultant(hours={"mon": [["08:00", "11:00"]]})],
        meetings=two_meetings(minutes=240),
    )
    assert reason(raw) == ("hours", "second")
