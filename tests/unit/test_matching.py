"""Each rule, each cost term and each tie of the matcher on an instance made for it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.scheduler.grains import parse_claim_key
from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from services.scheduler.outcome import Plan, Result
from tests.match_instances import WEEKDAYS, WEIGHTS, WORK_WEEK, Raw, consultant, instance, meeting, workplace

ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
ALWAYS = ["00:00", "24:00"]
NO_WEIGHTS = dict.fromkeys(WEIGHTS, 0)


def answer(raw: Raw, **options: Any) -> Result:
    return match(problem_of(read_instance(json.dumps(raw))), **options)


def plan(raw: Raw, **options: Any) -> Plan:
    winner = answer(raw, **options).winner
    assert winner is not None
    return winner


def reason(raw: Raw) -> tuple[str, Any]:
    """Rule and detail of the only consultant, who must be infeasible."""
    others = answer(raw, others=True).as_json(milliseconds=0)["others"]
    assert isinstance(others, list)
    (only,) = others
    assert only["status"] == "infeasible"
    assert answer(raw).winner is None
    return only["rule"], only["detail"]


def gap(low: int, ideal: int, high: int) -> dict[str, int]:
    return {"min": low, "ideal": ideal, "max": high}


def two_meetings(**second: Any) -> list[Raw]:
    return [meeting(), meeting("second", **({"gap_days": gap(1, 2, 3)} | second))]


# Rules, in their order.


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


def test_a_venue_brings_its_own_hours_appointments_and_closed_days() -> None:
    """They stand in for the workplace's, and its closed days are added to the programme's."""
    hall = {"hours": {"mon": [["09:00", "12:00"]]}, "unavailable": [], "closed_days": ["2027-01-18"]}
    raw = instance(workplace=workplace(hours={}), venues={"hall": hall}, meetings=[meeting(place="hall")])
    assert plan(raw).starts == ("2027-01-25T09:00",)
    assert reason(raw | {"closed_days": ["2027-01-25"]}) == ("closed", "opening")
    hall["unavailable"] = [["2027-01-25T11:30", "2027-01-25T11:35"]]
    assert reason(raw) == ("busy", "opening")


def test_travel_must_be_free_but_may_lie_outside_working_hours() -> None:
    """An appointment in the travel before the working day is in the way; working hours are not."""
    tight = {"mon": [["08:00", "11:00"]]}
    traveller = consultant(hours=tight, travel_minutes=45)
    raw = instance(latest="2027-01-18", setup_minutes=20, consultants=[traveller])
    found = plan(raw)
    assert found.starts == ("2027-01-18T08:00",)
    assert found.meetings[0].claimed_from == datetime(2027, 1, 18, 5, 30, tzinfo=UTC)
    assert found.meetings[0].claimed_until == datetime(2027, 1, 18, 11, tzinfo=UTC)
    early = [["2027-01-18T06:00", "2027-01-18T06:40"]]
    assert reason(raw | {"consultants": [traveller | {"unavailable": early}]}) == ("busy", "opening")
    just_before = [["2027-01-18T06:00", "2027-01-18T06:30"]]
    assert plan(raw | {"consultants": [traveller | {"unavailable": just_before}]}).starts == found.starts


def test_an_online_meeting_needs_no_travel() -> None:
    """Only the meeting itself is claimed, so an appointment may end when it begins."""
    tight = {"mon": [["08:00", "11:00"]]}
    busy = [["2027-01-18T06:00", "2027-01-18T08:00"], ["2027-01-18T11:00", "2027-01-18T12:00"]]
    person = consultant(hours=tight, unavailable=busy, travel_minutes=90)
    raw = instance(latest="2027-01-18", consultants=[person], meetings=[meeting(place="online")])
    assert plan(raw).terms["travel"] == 0
    assert reason(raw | {"meetings": [meeting()]}) == ("busy", "opening")


@pytest.mark.parametrize("place", ["workplace", "online"])
def test_the_workplace_s_appointments_bind_the_meeting_alone(place: str) -> None:
    """Online too; but the travel around the meeting does not matter to the workplace."""
    raw = instance(
        latest="2027-01-18",
        workplace=workplace(
            hours={"mon": [["09:00", "12:00"]]}, unavailable=[["2027-01-18T08:00", "2027-01-18T09:00"]]
        ),
        consultants=[consultant(travel_minutes=60)],
        meetings=[meeting(place=place)],
    )
    assert plan(raw).starts == ("2027-01-18T09:00",)
    raw["workplace"]["unavailable"] = [["2027-01-18T11:45", "2027-01-18T13:00"]]
    assert reason(raw) == ("busy", "opening")


def test_appointments_the_day_before_the_window_count() -> None:
    """Travel that would begin on the evening before meets an appointment there, before travel hours are judged."""
    raw = instance(
        earliest="2027-01-18",
        latest="2027-01-18",
        travel_hours=ALWAYS,
        workplace=workplace(hours={"mon": [["00:00", "03:00"]]}),
    )
    person = consultant(hours=ROUND_THE_CLOCK, travel_minutes=60)
    assert reason(raw | {"consultants": [person]}) == ("travel", "opening")
    person["unavailable"] = [["2027-01-17T22:00", "2027-01-17T23:30"]]
    assert reason(raw | {"consultants": [person]}) == ("busy", "opening")


def test_claims_stay_inside_travel_hours() -> None:
    """Two hours before 08:00 is 06:00 and allowed; half an hour more is not."""
    tight = {"mon": [["08:00", "11:00"]]}
    raw = instance(latest="2027-01-18", consultants=[consultant(hours=tight, travel_minutes=120)])
    assert plan(raw).starts == ("2027-01-18T08:00",)
    raw["consultants"] = [consultant(hours=tight, travel_minutes=121)]
    assert reason(raw) == ("travel", "opening")
    raw |= {"travel_hours": ["09:00", "20:00"], "meetings": [meeting(place="online")]}
    assert reason(raw) == ("travel", "opening")


def test_travel_depends_on_the_place() -> None:
    """Minutes by place: far from the workplace, next door to the hall."""
    hall = {"hours": WORK_WEEK, "unavailable": [], "closed_days": []}
    person = consultant(travel_minutes={"workplace": 900, "hall": 10})
    raw = instance(venues={"hall": hall}, consultants=[person], meetings=[meeting(place="hall")])
    assert plan(raw).terms["travel"] == 2
    raw["meetings"] = two_meetings(place="workplace")
    assert reason(raw) == ("travel", "opening")


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


# Clock changes.


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_no_meeting_touches_a_skipped_or_repeated_hour(day: str) -> None:
    """Up to 02:00 and from 03:00 there is room, over it there is none."""
    raw = instance(
        earliest=day,
        latest=day,
        travel_hours=ALWAYS,
        workplace=workplace(hours={"sun": [["00:00", "05:00"]]}),
        consultants=[consultant(hours=ROUND_THE_CLOCK)],
        meetings=[meeting(minutes=120)],
    )
    assert plan(raw).starts == (f"{day}T00:00",)
    raw["workplace"]["unavailable"] = [[f"{day}T00:00", f"{day}T00:30"]]
    assert plan(raw).starts == (f"{day}T03:00",)
    assert reason(raw | {"meetings": [meeting(minutes=180)]}) == ("hours", "opening")


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_no_claim_touches_a_skipped_or_repeated_hour(day: str) -> None:
    """The meeting is at 03:30, its travel would begin at 02:30: ruled out by travel."""
    raw = instance(
        earliest=day,
        latest=day,
        travel_hours=ALWAYS,
        workplace=workplace(hours={"sun": [["03:30", "05:30"]]}),
        consultants=[consultant(hours=ROUND_THE_CLOCK, travel_minutes=30)],
        meetings=[meeting(minutes=120)],
    )
    assert plan(raw).meetings[0].claimed_from.minute == 0
    raw["consultants"][0]["travel_minutes"] = 60
    assert reason(raw) == ("travel", "opening")


def test_instants_follow_the_zone_in_winter_and_summer() -> None:
    """The same wall time is an hour apart in UTC on the two sides of the change."""
    raw = instance(
        earliest="2027-03-22",
        latest="2027-03-29",
        consultants=[consultant(hours={"mon": [["09:00", "12:00"]]})],
        meetings=two_meetings(gap_days=gap(7, 7, 7)),
    )
    found = plan(raw)
    assert found.starts == ("2027-03-22T09:00", "2027-03-29T09:00")
    assert [one.starts_at.hour for one in found.meetings] == [8, 7]
    assert {one.ends_at - one.starts_at for one in found.meetings} == {timedelta(hours=3)}


# Cost and ties.


def test_terms_are_those_of_the_contract_and_add_up() -> None:
    """One plan with every term, worked out by hand."""
    raw = instance(
        earliest="2027-01-16",
        meetings=[
            meeting(),
            meeting("second", minutes=60, place="online", gap_days=gap(1, 1, 9)),
        ],
        workplace=workplace(preferred_hours=["09:00", "10:30"], avoid_weekdays=["mon"]),
        consultants=[
            consultant(
                hours={"mon": [["08:00", "16:00"]], "thu": [["08:00", "09:30"]]},
                sectors=["skole"],
                travel_minutes=71,
                active_courses=5,
                max_courses=7,
            )
        ],
    )
    found = plan(raw)
    assert found.starts == ("2027-01-18T08:00", "2027-01-21T08:00")
    assert found.terms == {
        "wait": 2,
        "gap": 2 * 2,
        "travel": 15,
        "outside_preferred": 3 * 2,
        "avoided_weekday": 3,
        "load": 2 * 7,
        "no_sector": 15,
    }
    assert list(found.terms) == ["wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector"]
    assert found.cost == sum(found.terms.values())


def test_without_sector_or_preferred_hours_they_cost_nothing() -> None:
    """Null stands for no such cost."""
    terms = plan(instance(sector=None, consultants=[consultant(sectors=[])])).terms
    assert set(terms.values()) == {0}


def test_a_later_first_meeting_is_taken_when_it_is_cheaper() -> None:
    """Waiting a day costs 1, meeting on an avoided weekday 3: three days are a tie and go to the earlier start."""
    tuesday = instance(workplace=workplace(avoid_weekdays=["mon"]))
    assert plan(tuesday).starts == ("2027-01-19T08:00",)
    thursday = instance(workplace=workplace(avoid_weekdays=["mon", "tue", "wed"]))
    assert plan(thursday).starts == ("2027-01-18T08:00",)


def test_a_gap_off_its_ideal_is_taken_when_it_is_cheaper() -> None:
    """The ideal day is avoided at a price of 3; the day before costs 2, and wins the tie against the day after."""
    raw = instance(
        weights=WEIGHTS | {"wait_day": 5},
        meetings=two_meetings(gap_days=gap(1, 3, 9)),
        workplace=workplace(avoid_weekdays=["thu"]),
    )
    assert plan(raw).starts == ("2027-01-18T08:00", "2027-01-20T08:00")


def test_with_nothing_to_pay_the_earliest_starts_win() -> None:
    """All weights 0: meeting by meeting the earliest start, preferred or not."""
    raw = instance(
        weights=NO_WEIGHTS,
        meetings=[*two_meetings(gap_days=gap(1, 5, 9)), meeting("third", gap_days=gap(1, 5, 9))],
        workplace=workplace(preferred_hours=["12:00", "16:00"]),
    )
    assert plan(raw).starts == ("2027-01-18T08:00", "2027-01-19T08:00", "2027-01-20T08:00")


def test_equal_cost_goes_to_earlier_starts_then_to_the_id() -> None:
    """Whatever the order in the roster; ids compare by code point, so capitals come first."""
    late = consultant(id="a", hours={"mon": [["10:00", "16:00"]]})
    both = [consultant(id="b"), consultant(id="B"), late]
    assert plan(instance(consultants=both)).consultant == "B"
    assert plan(instance(consultants=both[::-1])).consultant == "B"
    assert plan(instance(consultants=[late, consultant(id="z")])).consultant == "z"


def test_a_consultant_with_a_worse_bound_can_still_win() -> None:
    """The nearest one is busy until the second week; the travel of the other costs less than that wait."""
    near = consultant(id="near", unavailable=[["2027-01-18T00:00", "2027-01-25T00:00"]])
    far = consultant(id="far", travel_minutes=20)
    assert plan(instance(consultants=[near, far])).consultant == "far"


# The result.


def test_others_stand_in_roster_order_without_the_winner() -> None:
    """Feasible ones with cost and terms, infeasible ones with rule and detail; with none, everybody."""
    people = [consultant(id="z", travel_minutes=10), consultant(id="x", blocked=True), consultant(id="a")]
    result = answer(instance(consultants=people), others=True).as_json(milliseconds=1.5)
    assert result["others"] == [
        {
            "id": "z",
            "status": "feasible",
            "cost": 2,
            "terms": {
                "wait": 0,
                "gap": 0,
                "travel": 2,
                "outside_preferred": 0,
                "avoided_weekday": 0,
                "load": 0,
                "no_sector": 0,
            },
        },
        {"id": "x", "status": "infeasible", "rule": "blocked", "detail": None},
    ]
    assert result["status"] == "found"
    nobody = answer(instance(consultants=people[1:2]), others=True).as_json(milliseconds=1.5)
    assert nobody == {
        "status": "none",
        "consultant": None,
        "starts": None,
        "second": None,
        "cost": None,
        "terms": None,
        "others": [{"id": "x", "status": "infeasible", "rule": "blocked", "detail": None}],
        "milliseconds": 1.5,
    }


def test_an_empty_roster_finds_nobody() -> None:
    """No consultant, no winner, no others."""
    result = answer(instance(consultants=[]), others=True)
    assert result.winner is None
    assert result.others == ()


def test_excluded_consultants_are_left_out_altogether() -> None:
    """The next best wins, and nothing is said of the excluded."""
    people = [consultant(id="a"), consultant(id="b", travel_minutes=10)]
    raw = instance(consultants=people)
    assert plan(raw, excluded={"a"}).consultant == "b"
    assert answer(raw, excluded={"a"}, others=True).others == ()


def test_claims_are_the_half_hours_of_meeting_and_travel() -> None:
    """On site with travel and setting up, online the meeting alone, each as a UTC key of the consultant."""
    raw = instance(
        setup_minutes=10,
        consultants=[consultant(travel_minutes=30)],
        meetings=[meeting(minutes=60), meeting("second", minutes=30, place="online", gap_days=gap(1, 1, 1))],
    )
    found = plan(raw)
    assert found.starts == ("2027-01-18T08:00", "2027-01-19T08:00")
    assert found.claims() == [
        "c001|2027-01-18T06:00Z",
        "c001|2027-01-18T06:30Z",
        "c001|2027-01-18T07:00Z",
        "c001|2027-01-18T07:30Z",
        "c001|2027-01-18T08:00Z",
        "c001|2027-01-19T07:00Z",
    ]
    assert {parse_claim_key(key)[0] for key in found.claims()} == {"c001"}


def test_the_same_instance_gives_the_same_result() -> None:
    """Twice the same bytes, with and without others."""
    raw = instance(consultants=[consultant(id=f"c{number}", travel_minutes=number) for number in range(20)])
    texts = {json.dumps(answer(raw, others=True).as_json(milliseconds=0)) for _ in range(3)}
    assert len(texts) == 1
    assert answer(raw).winner == answer(raw, others=True).winner


def test_huge_numbers_are_no_trouble() -> None:
    """Gaps and meetings far longer than the window, and large weights, cost no time."""
    raw = instance(
        weights=WEIGHTS | {"travel_10min": 10**12},
        meetings=[meeting(minutes=30 * 10**9), meeting("second", gap_days=gap(1, 10**9, 10**9))],
        consultants=[consultant(travel_minutes=60)],
    )
    assert reason(raw) == ("hours", "opening")
    raw["meetings"][0]["minutes"] = 60
    found = plan(raw)
    assert found.terms["travel"] == 24 * 10**12
    assert found.starts == ("2027-01-18T08:00", "2027-01-29T08:00")
    raw["meetings"][1]["gap_days"] = gap(10**9, 10**9, 10**9)
    assert reason(raw) == ("gaps", "second")
