"""What the matcher hands back: verdicts on the others, claims, and the same answer every time."""

import json

from services.scheduler.grains import parse_claim_key
from tests.match_answers import answer, gap, plan, reason
from tests.match_instances import WEIGHTS, consultant, instance, meeting


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
