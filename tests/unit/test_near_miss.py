"""The numbers behind each refusal, and their words, on instances with one consultant in which one rule stands in the way."""

import json
from typing import Any

import pytest

from services.scheduler.explain import Effort, explain
from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from services.scheduler.near_facts import NearMiss
from services.scheduler.near_words import near_words
from services.scheduler.outcome import Infeasible
from tests.match_answers import gap
from tests.match_instances import Raw, consultant, instance, meeting, random_instance, with_second, workplace

WEDNESDAY = {"earliest": "2027-02-03", "latest": "2027-02-03"}
MORNING = {"wed": [["09:00", "12:00"]]}


def alone(person: Raw, **changes: Any) -> NearMiss:
    """What is said of the only consultant, whom a rule rules out."""
    problem = problem_of(read_instance(json.dumps(instance(consultants=[person], **changes))))
    decision = explain(problem, match(problem, others=True), effort=Effort.whole())
    [verdict] = decision.others
    assert verdict.rule is not None
    assert verdict.near is not None
    return verdict.near


def busy(*times: str, day: str = "2027-02-03") -> list[list[str]]:
    """For instance "08:00-10:00"."""
    return [[f"{day}T{moment}" for moment in time.split("-")] for time in times]


CASES: dict[str, tuple[NearMiss, str, str]] = {
    "capacity": (
        alone(consultant(active_courses=8)),
        "har 8 af højst 8 forløb",
        "has 8 of at most 8 courses",
    ),
    "no common hours": (
        alone(consultant(hours={"sat": [["08:00", "16:00"]]})),
        "ingen arbejdstid, hvor stedet også er åbent",
        "no working hours in which the place is open as well",
    ),
    "short common hours": (
        alone(consultant(hours={"wed": [["14:00", "18:00"]], "thu": [["07:00", "09:30"]]})),
        "mødet varer 3 t, og arbejdstid og åbningstid falder højst sammen 2 t i træk",
        "the meeting lasts 3 h, and working and opening hours share at most 2 h in a row",
    ),
    "closed": (
        alone(consultant(hours={"wed": [["08:00", "16:00"]]}), closed_days=["2027-01-20", "2027-01-27"]),
        "alle 2 mulige dage fra 20. januar til 27. januar er lukkedage",
        "all of the 2 days there are, from 20 January to 27 January, are closed",
    ),
    "one closed day": (
        alone(consultant(), closed_days=["2027-02-03"], **WEDNESDAY),
        "den eneste mulige dag, 3. februar, er en lukkedag",
        "the only day there is, 3 February, is closed",
    ),
    "the place is taken": (
        alone(consultant(), workplace=workplace(unavailable=busy("10:00-14:00")), **WEDNESDAY),
        "stedet er optaget på alle mulige tider",
        "the place is taken at every possible time",
    ),
    "a short stretch": (
        alone(consultant(unavailable=busy("10:00-12:00", "14:30-15:00")), **WEDNESDAY),
        "mødet varer 3 t, og der er højst 2 t 30 min ledig i træk, 3. februar",
        "the meeting lasts 3 h, and at most 2 h 30 min in a row is free, 3 February",
    ),
    "never free": (
        alone(consultant(unavailable=busy("06:00-18:00")), **WEDNESDAY),
        "optaget på alle mulige tider",
        "busy at every possible time",
    ),
    "no time to travel there": (
        alone(consultant(travel_minutes=130, unavailable=busy("06:00-07:00"), hours=MORNING), **WEDNESDAY),
        "rejsetid 2 t 10 min er mere end de 2 t mellem to aftaler den 3. februar",
        "travelling takes 2 h 10 min, more than the 2 h between two appointments on 3 February",
    ),
    "no time to travel there and set up": (
        alone(
            consultant(travel_minutes=100, unavailable=busy("06:00-07:30"), hours=MORNING),
            setup_minutes=30,
            **WEDNESDAY,
        ),
        "rejsetid og klargøring 2 t 10 min er mere end de 1 t 30 min mellem to aftaler den 3. februar",
        "travelling and setting up takes 2 h 10 min, more than the 1 h 30 min between two appointments on 3 February",
    ),
    "no time to travel home": (
        alone(
            consultant(travel_minutes=70, unavailable=busy("11:30-17:00"), hours={"wed": [["08:00", "11:00"]]}),
            **WEDNESDAY,
        ),
        "rejsetid 1 t 10 min er mere end de 30 min mellem to aftaler den 3. februar",
        "travelling takes 1 h 10 min, more than the 30 min between two appointments on 3 February",
    ),
    "no time at all": (
        alone(
            consultant(travel_minutes=70, unavailable=busy("11:00-17:00"), hours={"wed": [["08:00", "11:00"]]}),
            **WEDNESDAY,
        ),
        "rejsetid 1 t 10 min, og ingen tid mellem to aftaler den 3. februar",
        "travelling takes 1 h 10 min, and there is no time between two appointments on 3 February",
    ),
    "a long day": (
        alone(consultant(travel_minutes=360, hours={"wed": [["08:00", "16:00"]]}), **WEDNESDAY),
        "møde og rejse tager fra kl. 5.00 til 20.00 den 3. februar og skal ligge mellem kl. 6.00 og 20.00",
        "meeting and travelling take from 5:00 to 20:00 on 3 February and must lie between 6:00 and 20:00",
    ),
    "a clock change": (
        alone(
            consultant(hours={"sun": [["00:00", "04:00"]]}),
            workplace=workplace(hours={"sun": [["00:00", "04:00"]]}),
            earliest="2027-03-28",
            latest="2027-03-28",
            travel_hours=["00:00", "24:00"],
        ),
        "kun tider, hvor uret stilles",
        "only times at which the clock is put forward or back",
    ),
    "gaps": (
        alone(
            consultant(),
            workplace=workplace(hours={"mon": [["08:00", "16:00"]]}),
            meetings=[meeting(), meeting("second", gap_days=gap(2, 3, 5))],
        ),
        "nærmest er 7 dage efter mødet før, fra 18. januar til 25. januar; der skal gå 2–5",
        "nearest is 7 days after the meeting before, from 18 January to 25 January; 2–5 must pass",
    ),
    "the nearest of several gaps": (
        alone(
            consultant(),
            workplace=workplace(hours={"mon": [["08:00", "16:00"]], "fri": [["08:00", "16:00"]]}),
            meetings=[meeting(), meeting("second", gap_days=gap(5, 5, 6))],
        ),
        "nærmest er 4 dage efter mødet før, fra 18. januar til 22. januar; der skal gå 5–6",
        "nearest is 4 days after the meeting before, from 18 January to 22 January; 5–6 must pass",
    ),
    "no later day": (
        alone(consultant(), meetings=[meeting(), meeting("second", gap_days=gap(2, 3, 5))], **WEDNESDAY),
        "ingen dag efter mødet før; der skal gå 2–5 dage",
        "no day after the meeting before; 2–5 days must pass",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_tells_its_numbers(case: str) -> None:
    """In Danish and in English, with the day on which the least was lacking."""
    near, danish, english = CASES[case]
    words = near_words(near)
    assert (words.da, words.en) == (danish, english)


@pytest.mark.parametrize("seed", range(60))
def test_every_refusal_has_numbers_that_say_no(seed: int) -> None:
    """Whatever the instance: what is needed is more than what there is, and each rule has its kind of numbers."""
    raw = random_instance(seed, days=9, meetings=1 + seed % 3, consultants=5, dense=seed % 2 == 0)
    problem = problem_of(read_instance(json.dumps(with_second(raw, seed) if seed % 5 == 0 else raw)))
    result = match(problem, others=True)
    refused = {one.id: one for one in result.others or () if isinstance(one, Infeasible)}
    for verdict in explain(problem, result, effort=Effort.whole(refused)).others:
        assert (verdict.near is None) == (verdict.rule in ("blocked", "themes", "window", "second"))
        if verdict.near is None:
            continue
        assert near_words(verdict.near)
        if verdict.near.kind in ("short_hours", "short_stretch"):
            assert verdict.near.needed_minutes > getattr(verdict.near, "free_minutes", 0)
            assert verdict.near.needed_minutes > getattr(verdict.near, "common_minutes", 0)
        if verdict.near.kind == "short_travel":
            assert max(verdict.near.lacks_before, verdict.near.lacks_after) > 0
        if verdict.near.kind == "gap_missed" and verdict.near.nearest_days is not None:
            assert not verdict.near.min_days <= verdict.near.nearest_days <= verdict.near.max_days
