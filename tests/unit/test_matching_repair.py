"""Repair of a booked course: what stays, in which order changes are avoided, what is past, and the places of one meeting."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.scheduler.instance import InstanceError, read_instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.outcome import Result
from services.scheduler.places import as_booked, places_for
from services.scheduler.problem import Booked, Problem
from services.scheduler.repair import repair
from tests.match_answers import gap
from tests.match_instances import WEEKDAYS, Raw, consultant, instance, meeting, workplace

STARTS = ["2027-01-19T10:00", "2027-01-21T10:00", "2027-01-26T10:00"]
BEFORE_ALL, AFTER_ONE = "2027-01-18T00:00", "2027-01-19T10:30"


def course(*people: Raw, now: str = BEFORE_ALL, second: str | None = None, **changes: Any) -> Raw:
    """Three meetings, booked with "a" on Tuesday, Thursday and Tuesday at ten."""
    later = [meeting("second", gap_days=gap(1, 2, 3)), meeting("third", gap_days=gap(4, 5, 6))]
    return (
        instance(
            meetings=[meeting(), *later],
            consultants=list(people),
            booked={"consultant": "a", "second": second, "starts": STARTS},
            now=now,
        )
        | changes
    )


def read(raw: Raw) -> tuple[Problem, Booked, datetime]:
    checked = read_instance(json.dumps(raw))
    booked = booked_of(checked)
    assert booked is not None
    return problem_of(checked), *booked


def repaired(raw: Raw, **options: Any) -> Result:
    return repair(*read(raw), **options)


def kept(result: Result) -> tuple[str, list[bool]]:
    """Who holds it, and which meetings stay as they were."""
    assert result.winner is not None
    return result.winner.consultant, [now == then for now, then in zip(result.winner.starts, STARTS, strict=True)]


def test_what_can_stay_stays() -> None:
    """However much cheaper another start, or another consultant, would be."""
    raw = course(consultant(id="a", travel_minutes=90, sectors=[]), consultant(id="b"))
    assert kept(repaired(raw)) == ("a", [True, True, True])


def test_a_meeting_that_cannot_stay_moves_alone() -> None:
    """Where nobody else could hold all three as they are; on the same day it is nearest to what the gaps want."""
    raw = course(consultant(id="a", unavailable=[["2027-01-21T10:00", "2027-01-21T12:00"]]))
    result = repaired(raw)
    assert kept(result) == ("a", [True, False, True])
    assert result.winner is not None
    assert result.winner.starts[1] == "2027-01-21T12:00"


def test_another_consultant_is_less_change_than_another_start() -> None:
    """Moved meetings count before changed people."""
    busy = consultant(id="a", unavailable=[["2027-01-21T10:00", "2027-01-21T12:00"]])
    assert kept(repaired(course(busy, consultant(id="b", travel_minutes=90)))) == ("b", [True, True, True])


def test_past_meetings_stay_and_bind_the_next_gap() -> None:
    """The first meeting was yesterday on a day that is closed by now: nothing is asked of it, and the second stays in reach."""
    away = consultant(id="a", unavailable=[["2027-01-18T00:00", "2027-01-22T00:00"]])
    raw = course(away, now=AFTER_ONE, closed_days=["2027-01-19"])
    result = repaired(raw)
    assert kept(result) == ("a", [True, False, True])
    assert result.winner is not None
    assert result.winner.starts[1] == "2027-01-22T08:00"
    assert repaired(raw | {"closed_days": ["2027-01-22"]}, others=True).as_json(milliseconds=0)["others"] == [
        {"id": "a", "status": "infeasible", "rule": "gaps", "detail": "second"}
    ]


def test_nothing_is_claimed_for_what_is_past() -> None:
    """Least of all by a consultant who takes over: she may have been elsewhere then."""
    taken = [[f"{STARTS[0][:10]}T08:00", f"{STARTS[0][:10]}T16:00"]]
    result = repaired(course(consultant(id="b", unavailable=taken, travel_minutes=30), now=AFTER_ONE))
    assert kept(result) == ("b", [True, True, True])
    assert result.winner is not None
    assert [one.past for one in result.winner.meetings] == [True, False, False]
    assert result.winner.meetings[0].claimed_from == result.winner.meetings[0].starts_at
    assert {key[:12] for key in result.winner.claims()} == {"b|2027-01-21", "b|2027-01-26"}


def test_a_meeting_is_past_from_the_minute_after_its_start() -> None:
    """At the very minute it is still to come, and can move; a minute later it cannot."""
    away = consultant(id="a", unavailable=[["2027-01-19T08:00", "2027-01-19T14:00"]])
    assert kept(repaired(course(away, now="2027-01-19T10:00")))[1][0] is False
    assert kept(repaired(course(away, now="2027-01-19T10:01")))[1][0] is True


def test_nothing_moves_into_the_past_or_before_the_day_that_notice_allows() -> None:
    """Of starts that cost the same the earliest that is not past; a later bound may be given, which what stays may break."""
    away = consultant(id="a", unavailable=[["2027-01-26T10:00", "2027-01-26T16:00"]])
    raw = course(
        away, now="2027-01-25T14:10", meetings=[*course()["meetings"][:2], meeting("third", gap_days=gap(4, 4, 6))]
    )
    result = repaired(raw)
    assert result.winner is not None
    assert result.winner.starts[2] == "2027-01-27T08:00"
    raw["now"] = "2027-01-25T12:40"
    result = repaired(raw)
    assert result.winner is not None
    assert result.winner.starts[2] == "2027-01-25T13:00"
    bound = datetime(2027, 1, 27, 9, 0, tzinfo=UTC)
    result = repaired(raw, moved_from=bound)
    assert result.winner is not None
    assert result.winner.starts[2] == "2027-01-27T10:00"
    untouched = course(consultant(id="a"), now=AFTER_ONE)
    assert kept(repaired(untouched, moved_from=bound)) == ("a", [True, True, True])


def test_waiting_costs_what_it_cost_as_booked() -> None:
    """A first meeting that moves to an earlier day makes nothing cheaper."""
    away = consultant(id="a", unavailable=[["2027-01-19T00:00", "2027-01-20T00:00"]])
    result = repaired(course(away))
    assert result.winner is not None
    assert result.winner.starts[0] == "2027-01-18T08:00"
    assert result.winner.terms["wait"] == 1


def test_the_cost_is_that_of_the_whole_course() -> None:
    """Past meetings count as if whoever is found had held them."""
    raw = course(consultant(id="b", travel_minutes=10), now=AFTER_ONE)
    assert repaired(raw).as_json(milliseconds=0)["terms"]["travel"] == 6  # type: ignore[index]


def test_a_booked_consultant_who_is_gone_counts_as_changed_and_no_more() -> None:
    """The roster does not know "a": the others are chosen from by cost."""
    raw = course(consultant(id="c"), consultant(id="b", travel_minutes=10))
    assert kept(repaired(raw)) == ("c", [True, True, True])
    assert repaired(course()).winner is None


def with_two(*people: Raw, now: str = BEFORE_ALL, second: str | None = "b", first_only: bool = False) -> Raw:
    raw = course(*people, now=now, second=second, participants=60, co_from_participants=60)
    raw["meetings"] = [one | {"co": place == 0 or not first_only} for place, one in enumerate(raw["meetings"])]
    return raw


@pytest.mark.parametrize("who", ["a", "b"])
def test_of_two_people_only_the_one_who_fell_ill_is_replaced(who: str) -> None:
    """By whoever is left, as first or as second, although she is dearer than a swap of the two."""
    people = [consultant(id=name, blocked=name == who) for name in ("a", "b")] + [consultant(id="c", travel_minutes=90)]
    result = repaired(with_two(*people))
    assert result.winner is not None
    assert result.second is not None
    assert {result.winner.consultant: "first", result.second.consultant: "second"} == (
        {"c": "first", "b": "second"} if who == "a" else {"a": "first", "c": "second"}
    )


def test_a_second_whose_meetings_are_all_past_stays_who_she_was() -> None:
    """Even if she is blocked or gone by now; nobody is sought for what has been."""
    ill = consultant(id="b", blocked=True, travel_minutes=30)
    result = repaired(with_two(consultant(id="a"), ill, now=AFTER_ONE, first_only=True))
    assert result.second is not None
    assert (result.second.consultant, result.second.claims(), result.second.terms["travel"]) == ("b", [], 6)
    gone = repaired(with_two(consultant(id="a"), now=AFTER_ONE, first_only=True))
    assert gone.second is not None
    assert (gone.second.consultant, gone.second.cost) == ("b", 0)
    never = repaired(with_two(consultant(id="a"), consultant(id="c"), now=AFTER_ONE, first_only=True, second=None))
    assert never.second is None


def test_a_course_that_is_over_stays_as_it_was() -> None:
    """There is nothing left to place."""
    result = repaired(course(consultant(id="a"), consultant(id="0"), now="2027-03-01T00:00"), others=True)
    assert kept(result) == ("a", [True, True, True])


def test_now_and_what_is_past_are_told_on_the_wall_of_either_clock() -> None:
    """Before and after the hour that is repeated, the order of wall times is that of instants."""
    raw = instance(
        earliest="2027-10-31",
        latest="2027-11-01",
        travel_hours=["00:00", "24:00"],
        workplace=workplace(hours={day: [["00:00", "24:00"]] for day in WEEKDAYS}),
        meetings=[meeting(minutes=60)],
        consultants=[consultant(id="a", hours={"sun": [["03:00", "04:00"]], "mon": [["03:00", "04:00"]]})],
        booked={"consultant": "a", "second": None, "starts": ["2027-11-01T03:00"]},
        now="2027-10-31T02:30",
    )
    problem, booked, now = read(raw)
    assert now == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    raw["closed_days"] = ["2027-11-01"]
    for instant in (now, datetime(2027, 10, 31, 1, 59, 59, tzinfo=UTC)):
        result = repair(read(raw)[0], booked, instant)
        assert result.winner is not None
        assert result.winner.starts == ("2027-10-31T03:00",)
    assert repair(read(raw)[0], booked, datetime(2027, 10, 31, 2, 0, 1, tzinfo=UTC)).winner is None
    assert problem.horizon.days == 2


def test_places_of_one_meeting_keep_both_gaps_and_all_rules() -> None:
    """Thursday may go to Wednesday or Friday: the third meeting's gap rules out the rest. Each place has its cost."""
    person = consultant(id="a", unavailable=[["2027-01-20T00:00", "2027-01-20T12:00"]], travel_minutes=30)
    places = places_for(*read(course(person)), 1)
    assert [place.start for place in places] == [
        "2027-01-20T12:30",
        "2027-01-20T13:00",
        *(f"{day}T{clock}" for day in ("2027-01-21", "2027-01-22") for clock in CLOCKS),
    ]
    costs = {place.start: place.course.cost for place in places}
    assert (costs["2027-01-20T13:00"], costs[STARTS[1]], costs["2027-01-22T08:00"]) == (1 + 18 + 4, 1 + 18, 1 + 18 + 4)
    moved = places[0].course.plan
    assert [one.wall for one in moved.meetings] == [STARTS[0], "2027-01-20T12:30", STARTS[2]]
    assert "a|2027-01-20T11:00Z" in moved.claims()


CLOCKS = ("08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00")


@pytest.mark.parametrize(
    ("place", "first", "last"),
    [(0, "2027-01-18T08:00", "2027-01-20T13:00"), (2, "2027-01-25T08:00", "2027-01-27T13:00")],
)
def test_places_of_the_first_and_the_last_meeting_keep_the_one_gap_they_have(place: int, first: str, last: str) -> None:
    """The first lies one to three days before Thursday, the last four to six days after it; both weeks are free."""
    found = places_for(*read(course(consultant(id="a"), earliest="2027-01-11", now="2027-01-11T00:00")), place)
    assert (found[0].start, found[-1].start) == (first, last)


def test_places_need_the_second_consultant_where_she_takes_part() -> None:
    """At a meeting for two her appointments count, at another they do not."""
    away = consultant(id="b", unavailable=[["2027-01-20T00:00", "2027-01-22T00:00"]])
    both = places_for(*read(with_two(consultant(id="a"), away)), 1)
    assert [place.start for place in both] == [f"2027-01-22T{clock}" for clock in CLOCKS]
    assert {place.course.second and place.course.second.consultant for place in both} == {"b"}
    alone = places_for(*read(with_two(consultant(id="a"), away, first_only=True)), 1)
    assert len(alone) == 3 * len(CLOCKS)


def test_places_start_now_at_the_earliest_and_are_refused_for_what_is_past() -> None:
    """Or from the later moment that notice allows; and a consultant must be known."""
    question = read(course(consultant(id="a"), now="2027-01-20T09:10"))
    assert places_for(*question, 1)[0].start == "2027-01-20T09:30"
    assert places_for(*question, 1, moved_from=datetime(2027, 1, 22, 11, tzinfo=UTC))[0].start == STARTS[1]
    with pytest.raises(ValueError, match="past"):
        places_for(*question, 0)
    with pytest.raises(ValueError, match="roster"):
        places_for(*read(course(consultant(id="b"))), 1)


def test_a_course_as_booked_has_its_cost_whatever_the_rules_say() -> None:
    """For what is to be shown beside the places."""
    found = as_booked(
        *read(with_two(consultant(id="a", blocked=True), consultant(id="b", travel_minutes=5), now=AFTER_ONE))
    )
    assert found.plan.starts == tuple(STARTS)
    assert found.cost == found.terms["travel"] + found.terms["wait"] == 3 + 1
    assert len(found.plan.claims()) == 2 * 6


def test_a_meeting_that_was_added_is_placed_where_it_is_best_and_counts_as_no_move() -> None:
    """What is booked stays around it; the added one keeps both gaps, and is placed at the wish of the gap before it."""
    raw = course(consultant(id="a", unavailable=[["2027-01-22T00:00", "2027-01-23T00:00"]]))
    raw["meetings"] = [
        *raw["meetings"][:2],
        meeting("extra", gap_days=gap(1, 2, 4)),
        meeting("third", gap_days=gap(1, 5, 6)),
    ]
    raw["booked"]["starts"] = [*STARTS[:2], None, STARTS[2]]
    result = repaired(raw)
    assert result.winner is not None
    assert result.winner.starts == (*STARTS[:2], "2027-01-25T08:00", STARTS[2])


def test_a_meeting_is_added_after_one_that_is_booked_and_after_all_that_is_past() -> None:
    """The first meeting tells how long people waited, and what is past has its start."""
    with pytest.raises(ValueError, match="not booked yet"):
        places_for(*read(course(consultant(id="a")) | {"booked": booked_with(None, place=2)}), 1)
    for place, now in ((0, BEFORE_ALL), (1, "2027-01-27T00:00")):
        with pytest.raises(InstanceError, match="added after one that is booked"):
            read(course(consultant(id="a"), now=now) | {"booked": booked_with(None, place=place)})


def booked_with(start: str | None, *, place: int) -> Raw:
    return {"consultant": "a", "second": None, "starts": [*STARTS[:place], start, *STARTS[place + 1 :]]}
