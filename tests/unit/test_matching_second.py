"""The second consultant: when one is needed, who may be, what she costs and claims, and that the pair is chosen together."""

from typing import Any

import pytest

from tests.match_answers import answer, gap, reason
from tests.match_instances import WORK_WEEK, Raw, consultant, instance, meeting

MONDAYS = {"mon": [["08:00", "16:00"]]}


def big(*people: Raw, **changes: Any) -> Raw:
    """Enough participants for two, who are both at the first of two meetings."""
    meetings = [meeting(co=True), meeting("online", place="online", gap_days=gap(1, 1, 9))]
    many = {"participants": 60, "co_from_participants": 60, "meetings": meetings}
    return instance(consultants=list(people), **(many | changes))


def test_enough_participants_bring_a_second_consultant() -> None:
    """She holds the meetings marked co, claims their time with her own travel, and her cost is in the result."""
    result = answer(big(consultant(id="a"), consultant(id="b", travel_minutes=50, active_courses=4, sectors=[])))
    assert result.winner is not None
    assert result.second is not None
    assert (result.winner.consultant, result.second.consultant) == ("a", "b")
    assert [one.code for one in result.second.meetings] == ["opening"]
    assert result.second.claims()[0] == "b|2027-01-18T06:00Z"
    assert result.second.claims()[-1] == "b|2027-01-18T10:30Z"
    assert result.second.terms | {"travel": 0, "load": 0, "no_sector": 0} == dict.fromkeys(result.second.terms, 0)
    printed = result.as_json(milliseconds=0)
    assert (printed["second"], printed["cost"]) == ("b", 10 + 2 * 5 + 15)
    assert printed["terms"] == result.winner.terms | {"travel": 10, "load": 10, "no_sector": 15}


@pytest.mark.parametrize(
    "changes",
    [
        {"participants": 59},
        {"participants": None},
        {"co_from_participants": None},
        {"meetings": [meeting()]},
    ],
)
def test_else_nobody_is_second(changes: Raw) -> None:
    """Too few participants, no number, or no meeting for two: one consultant is enough, even where there is only one."""
    assert answer(big(consultant(), **changes)).as_json(milliseconds=0)["second"] is None
    assert answer(big(consultant(), **changes)).winner is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"blocked": True},
        {"themes": ["chikane"]},
        {"max_courses": 0},
        {"hours": {"tue": [["08:00", "16:00"]]}},
        {"unavailable": [["2027-01-18T10:30", "2027-01-18T13:30"]]},
        {"travel_minutes": 420},
    ],
)
def test_the_second_obeys_rules_of_her_own(changes: Raw) -> None:
    """Blocked, no theme, no capacity, not working, busy, too far: whoever can do all else is refused for want of a second."""
    only_monday = consultant(id="a", hours=MONDAYS)
    raw = big(only_monday, consultant(id="b", **changes), latest="2027-01-18", meetings=[meeting(co=True)])
    result = answer(raw, others=True)
    assert result.winner is None
    assert (result.others or ())[0].as_json() == {
        "id": "a",
        "status": "infeasible",
        "rule": "second",
        "detail": "opening",
    }


def test_one_theme_of_the_application_is_enough_for_the_second() -> None:
    """The primary one needs all; an application without themes asks for none."""
    people = consultant(id="a", themes=["samarbejde", "vold"]), consultant(id="b", themes=["vold"])
    result = answer(big(*people, themes=["samarbejde", "vold"]), others=True)
    assert result.second is not None
    assert result.second.consultant == "b"
    assert (result.others or ())[0].as_json()["rule"] == "themes"
    assert answer(big(consultant(id="a"), consultant(id="b", themes=[]), themes=[])).second is not None


def test_nobody_is_both() -> None:
    """With one consultant alone there is no second."""
    assert reason(big(consultant())) == ("second", "opening")


def test_without_a_common_chain_no_meeting_is_named() -> None:
    """Each meeting has a second consultant, but no one for both."""
    meetings = [meeting(co=True), meeting("second", co=True, gap_days=gap(1, 1, 1))]
    monday = consultant(id="b", hours=MONDAYS, themes=["samarbejde"])
    tuesday = consultant(id="c", hours={"tue": WORK_WEEK["tue"]})
    others = answer(big(consultant(id="a"), monday, tuesday, meetings=meetings), others=True).others or ()
    assert others[0].as_json() == {"id": "a", "status": "infeasible", "rule": "second", "detail": None}


def test_the_pair_is_chosen_together() -> None:
    """The cheapest primary would have to wait for a second: a dearer one, whose days suit somebody, wins."""
    late = [["2027-01-18T00:00", "2027-01-28T00:00"]]
    near = consultant(id="near", themes=["samarbejde", "vold"], unavailable=late)
    far = consultant(id="far", travel_minutes=10, themes=["samarbejde", "vold"])
    helper = consultant(id="helper", travel_minutes=15, themes=["vold"])
    result = answer(big(near, far, helper, themes=["samarbejde", "vold"], meetings=[meeting(co=True)]))
    assert result.as_json(milliseconds=0) | {"terms": None, "others": None} == {
        "status": "found",
        "consultant": "far",
        "starts": ["2027-01-18T08:00"],
        "second": "helper",
        "cost": 5,
        "terms": None,
        "others": None,
        "milliseconds": 0,
    }


def test_ties_go_to_earlier_starts_then_the_first_then_the_second() -> None:
    """Three who are alike: the smallest ids, in that order."""
    people = [consultant(id=name) for name in ("c", "a", "b")]
    result = answer(big(*people))
    assert (result.winner and result.winner.consultant, result.second and result.second.consultant) == ("a", "b")


def test_others_are_told_with_their_best_second() -> None:
    """What the winner's second would cost as the first, with her best second, and not what she costs as the second."""
    result = answer(big(consultant(id="a"), consultant(id="b", travel_minutes=50)), others=True)
    (other,) = result.others or ()
    assert (other.id, other.as_json()["cost"]) == ("b", 10)


def test_excluded_people_are_second_to_nobody_and_only_leaves_seconds_alone() -> None:
    """Left out altogether, or not allowed to be the first."""
    people = [consultant(id="a"), consultant(id="b"), consultant(id="c", travel_minutes=10)]
    found = answer(big(*people), excluded={"b"})
    assert (found.winner and found.winner.consultant, found.second and found.second.consultant) == ("a", "c")
    pinned = answer(big(*people), only={"c"}, others=True)
    assert (pinned.winner and pinned.winner.consultant, pinned.second and pinned.second.consultant) == ("c", "a")
    assert pinned.others == ()
