"""Each cost term and each tie of the matcher, worked out by hand."""

from tests.match_answers import gap, plan, two_meetings
from tests.match_instances import WEIGHTS, consultant, instance, meeting, workplace

NO_WEIGHTS = dict.fromkeys(WEIGHTS, 0)


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
