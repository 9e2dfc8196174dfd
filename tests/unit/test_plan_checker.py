"""The checker of plans sees each rule broken: a right plan, and one thing of the instance or the result changed afterwards."""

import copy
from typing import Any

import pytest

from tests.match_answers import answer, gap
from tests.match_instances import WEEKDAYS, Raw, consultant, instance, meeting, workplace
from tests.plan_checker import faults

ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}


def asked() -> Raw:
    """Two consultants, two meetings with both, travel and a preference."""
    return instance(
        participants=60,
        co_from_participants=60,
        setup_minutes=30,
        workplace=workplace(preferred_hours=["08:00", "12:00"]),
        meetings=[meeting(co=True), meeting("second", co=True, gap_days=gap(2, 3, 4))],
        consultants=[consultant(id="a", travel_minutes=20), consultant(id="b", travel_minutes=40)],
    )


def changed(raw: Raw, path: str, value: Any) -> Raw:
    found = copy.deepcopy(raw)
    *steps, last = path.split(".")
    inner: Any = found
    for step in steps:
        inner = inner[int(step) if step.isdigit() else step]
    inner[int(last) if last.isdigit() else last] = value
    return found


def test_a_right_plan_has_no_fault() -> None:
    """So each fault below comes from its change."""
    result = answer(asked()).as_json(milliseconds=0)
    assert (result["consultant"], result["second"]) == ("a", "b")
    assert result["starts"] == ["2027-01-18T08:00", "2027-01-21T08:00"]
    assert faults(asked(), result) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("consultants.0.blocked", True, "blocked: a"),
        ("consultants.1.blocked", True, "blocked: b"),
        ("consultants.0.themes", ["chikane"], "themes"),
        ("consultants.1.themes", ["vold"], "themes of the second"),
        ("consultants.1.max_courses", 0, "capacity: b"),
        ("earliest", "2027-01-19", "window: opening"),
        ("latest", "2027-01-20", "window: second"),
        ("closed_days", ["2027-01-21"], "closed: second"),
        ("workplace.hours.thu", [["09:00", "16:00"]], "hours of the place: second"),
        ("workplace.unavailable", [["2027-01-18T10:59", "2027-01-18T12:00"]], "the place is taken: opening"),
        ("consultants.0.hours", {}, "hours: opening of a"),
        ("consultants.1.unavailable", [["2027-01-21T06:30", "2027-01-21T06:45"]], "busy: second of b"),
        ("travel_hours", ["07:00", "20:00"], "travel hours: opening of b"),
        ("meetings.1.gap_days.max", 2, "gap before second"),
        ("meetings.1.gap_days.min", 4, "gap before second"),
        ("participants", 59, "a second consultant whom nobody needs"),
        ("weights.travel_10min", 5, "travel is 24, not 120"),
        ("workplace.preferred_hours", ["09:00", "16:00"], "outside_preferred is 0, not 6"),
        ("workplace.avoid_weekdays", ["mon"], "avoided_weekday is 0, not 3"),
        ("meetings.1.gap_days.ideal", 2, "gap is 0, not 2"),
        ("consultants.1.sectors", [], "no_sector is 0, not 15"),
        ("consultants.0.active_courses", 4, "load is 0, not 10"),
        ("earliest", "2027-01-16", "wait is 0, not 2"),
    ],
)
def test_each_change_of_the_instance_is_seen(path: str, value: Any, fault: str) -> None:
    """The plan was right for another instance."""
    assert fault in faults(changed(asked(), path, value), answer(asked()).as_json(milliseconds=0))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("starts.0", "2027-01-18T08:15", "off the half hour: opening"),
        ("starts", ["2027-01-18T08:00"], "number of starts"),
        ("second", None, "no second consultant"),
        ("second", "a", "no second consultant"),
        ("cost", 1, "terms do not add up"),
    ],
)
def test_each_change_of_the_result_is_seen(path: str, value: Any, fault: str) -> None:
    """The instance is right, the result is not."""
    assert fault in faults(asked(), changed(answer(asked()).as_json(milliseconds=0), path, value))


def test_a_clock_change_is_seen() -> None:
    """The claim begins in the hour that does not exist, while the meeting does not."""
    raw = instance(
        earliest="2027-03-28",
        latest="2027-03-28",
        travel_hours=["00:00", "24:00"],
        workplace=workplace(hours={"sun": [["03:30", "06:30"]]}),
        consultants=[consultant(hours=ROUND_THE_CLOCK)],
    )
    result = answer(raw).as_json(milliseconds=0)
    assert faults(raw, result) == []
    assert "clock change: opening of c001" in faults(changed(raw, "consultants.0.travel_minutes", 60), result)


def test_what_a_repair_may_not_do_is_seen() -> None:
    """Move what is past, or move something into the past."""
    raw = asked() | {
        "booked": {"consultant": "a", "second": "b", "starts": ["2027-01-18T09:00", "2027-01-21T08:00"]},
        "now": "2027-01-19T00:00",
    }
    result = answer(asked()).as_json(milliseconds=0)
    assert "a past meeting moved" in faults(raw, result)
    assert "in the past: opening" in faults(raw | {"now": "2027-01-18T08:30"}, result)
