"""A winner found by way of groups is the one that is found by looking at everybody, and most are not looked at."""

import json
from dataclasses import replace
from datetime import timedelta

from services.scheduler.course_plan import question_of, window_for
from services.scheduler.grains import capacity_key
from services.scheduler.groups import Groups, Member
from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from services.scheduler.problem import Grouped, Problem
from services.scheduler.roster_calendar import RosterCalendar
from shared.reference.municipalities import load_municipalities
from tests.factories import spark
from tests.match_instances import Raw, consultant, instance, random_instance, with_second, with_ties
from tests.scheduler_samples import AARHUS, COPENHAGEN, NOW, ODENSE, matter_of, request_of, roster_entry

SPARK = spark()
TODAY = NOW.date()


def grouped(raw: Raw) -> Problem:
    problem = problem_of(read_instance(json.dumps(raw)))
    members = [Member(tuple(one.travel_minutes.items()), one.themes, one.sectors) for one in problem.consultants]
    return replace(problem, grouped=Grouped(problem.consultants, Groups(members)))


def assert_same(problem: Problem) -> None:
    lone = match(problem)
    assert lone.as_json(milliseconds=0) == match(replace(problem, grouped=None)).as_json(milliseconds=0)


def asked(calendar: RosterCalendar) -> Problem:
    request = request_of()
    return question_of(
        request,
        window_for(request, SPARK),
        matter_of(municipality=AARHUS),
        calendar=calendar,
        programme=SPARK,
        municipalities=load_municipalities(),
        workplace_key=bytes(32),
        today=TODAY,
    )


def winner(calendar: RosterCalendar) -> str | None:
    """Whom the stored roster's question finds; the same without groups."""
    question = asked(calendar)
    assert_same(question)
    found = match(question).winner
    return None if found is None else found.consultant


def test_groups_find_the_same_course_as_a_look_at_everybody() -> None:
    """Person, starts, cost and ties, on random rosters of forty: with ties in plenty, and with a second consultant."""
    for seed in range(60):
        raw = random_instance(seed, days=9, meetings=1 + seed % 3, consultants=40)
        raw = with_ties(raw, seed) if seed % 2 else raw
        assert_same(grouped(with_second(raw, seed) if seed % 3 == 0 else raw))


def test_who_lives_too_far_away_is_not_looked_at() -> None:
    """The price of a whole group is that of one of them, and a search ends before it comes to those who cost too much."""
    far = [consultant(id=f"f{number}", travel_minutes=300) for number in range(3)]
    problem = grouped(instance(consultants=[consultant(id="near"), consultant(id="next", travel_minutes=60), *far]))
    for one in problem.consultants[2:]:
        del one.themes
    found = match(problem).winner
    assert found is not None
    assert found.consultant == "near"


def test_among_equal_prices_the_lowest_id_comes_first_from_whatever_group() -> None:
    """Somebody a little farther away costs as much as those next door who are busy, and her id is the lowest."""
    near = [consultant(id=name, active_courses=1) for name in "bc"]
    problem = grouped(instance(consultants=[*near, consultant(id="a", travel_minutes=10)]))
    assert_same(problem)
    found = match(problem).winner
    assert found is not None
    assert (found.consultant, found.terms["travel"], found.terms["load"]) == ("a", 2, 0)


def test_groups_say_nothing_of_changed_consultants() -> None:
    """What-if questions change a consultant: she is then seen as she would be."""
    problem = grouped(instance(consultants=[consultant(themes=[])]))
    assert match(problem).winner is None
    able = tuple(replace(one, themes=frozenset(problem.themes)) for one in problem.consultants)
    assert match(replace(problem, consultants=able)).winner is not None


def test_groups_follow_every_change_of_the_roster() -> None:
    """Put, changed, out of work, dropped, loaded anew, full: the stored roster's groups are those of its candidates."""
    calendar = RosterCalendar(zone=SPARK.tz, horizon_days=400, today=TODAY)
    assert winner(calendar) is None
    calendar.put("b", roster_entry("b", municipality=COPENHAGEN).facts())
    assert winner(calendar) == "b"
    calendar.put("c", roster_entry("c", municipality=AARHUS).facts())
    assert winner(calendar) == "c"
    calendar.put("d", roster_entry("d", municipality=COPENHAGEN, travel_overrides={AARHUS: 0}).facts())
    assert winner(calendar) == "d"
    calendar.put("d", roster_entry("d", municipality=COPENHAGEN).facts())
    assert winner(calendar) == "c"
    calendar.put("c", roster_entry("c", municipality=AARHUS, active=False).facts())
    assert winner(calendar) == "b"
    towns = {"e": COPENHAGEN, "f": ODENSE, "g": AARHUS}
    calendar.load(roster={name: roster_entry(name, municipality=town).facts() for name, town in towns.items()}, held={})
    assert winner(calendar) == "g"
    calendar.hold("x", {"g": [capacity_key("g", place) for place in range(8)]})
    assert winner(calendar) == "f"
    calendar.drop("f")
    assert winner(calendar) == "e"
    calendar.release("x")
    calendar.roll(TODAY + timedelta(days=1))
    assert winner(calendar) == "g"
