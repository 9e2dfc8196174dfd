"""Whatever the instance: no plan breaks a rule or costs something else than it says, as a checker that is not the matcher sees it."""

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.matching import match
from services.scheduler.repair import repair
from tests.match_instances import Raw, random_instance, with_booked, with_second, with_tailored, with_ties
from tests.plan_checker import faults

SEEDS = st.integers(0, 2**32)


@st.composite
def instances(draw: st.DrawFn) -> Raw:
    """New courses and repairs of all sizes up to eight weeks and six meetings, from plenty of time to hardly any."""
    seed = draw(SEEDS)
    raw = random_instance(
        seed,
        days=draw(st.integers(6, 56)),
        meetings=draw(st.integers(1, 6)),
        consultants=draw(st.integers(1, 12)),
        dense=draw(st.booleans()),
    )
    if draw(st.booleans()):
        raw = with_ties(raw, seed)
    if draw(st.booleans()):
        raw = with_second(raw, seed)
    if draw(st.booleans()):
        raw = with_booked(raw, seed, answer(raw, others=False))
        return with_tailored(raw, seed) if draw(st.booleans()) else raw
    return raw


def answer(raw: Raw, *, others: bool) -> Raw:
    checked = read_instance(json.dumps(raw))
    problem, booked = problem_of(checked), booked_of(checked)
    found = match(problem, others=others) if booked is None else repair(problem, *booked, others=others)
    result = found.as_json(milliseconds=0)
    del result["milliseconds"]
    return result


@settings(max_examples=600, deadline=None)
@given(instances())
def test_no_plan_breaks_a_rule_and_its_cost_is_right(raw: Raw) -> None:
    """The winner's plan, with a second consultant and after a repair too."""
    assert faults(raw, answer(raw, others=False)) == []


@settings(max_examples=60, deadline=None)
@given(instances(), SEEDS)
def test_the_order_of_the_roster_changes_nothing(raw: Raw, seed: int) -> None:
    """The same winner, and the same said of everybody else, only in another order."""
    people = list(raw["consultants"])
    Random(seed).shuffle(people)
    ours, shuffled = answer(raw, others=True), answer(raw | {"consultants": people}, others=True)
    by_id = {one["id"]: one for one in ours["others"]}
    order = [one["id"] for one in people if one["id"] in by_id]
    assert shuffled == ours | {"others": [by_id[name] for name in order]}


@settings(max_examples=60, deadline=None)
@given(instances())
def test_asking_for_the_others_changes_nothing(raw: Raw) -> None:
    """One search stops early and the other does not; they agree on the winner."""
    assert answer(raw, others=True) | {"others": None} == answer(raw, others=False)


@settings(max_examples=60, deadline=None)
@given(instances(), st.data())
def test_one_consultant_more_never_makes_it_worse(raw: Raw, data: st.DataObject) -> None:
    """Without one of the others the best course costs as much or more, or there is none."""
    booked = raw.get("booked")
    dropped = data.draw(st.sampled_from([one["id"] for one in raw["consultants"]]))
    fewer = answer(raw | {"consultants": [one for one in raw["consultants"] if one["id"] != dropped]}, others=False)
    full = answer(raw, others=False)
    if booked is None and fewer["status"] == "found":
        assert full["status"] == "found"
        assert full["cost"] <= fewer["cost"]
    if dropped not in (
        full["consultant"],
        full["second"],
        *((booked["consultant"], booked["second"]) if booked else ()),
    ):
        assert fewer == full


@settings(max_examples=60, deadline=None)
@given(instances(), st.sampled_from([3, 10**20, 10**320]))
def test_weights_may_be_of_any_size(raw: Raw, factor: int) -> None:
    """All weights times the same number: the same course, at that many times the cost."""
    ours = answer(raw, others=True)
    larger = answer(raw | {"weights": {name: weight * factor for name, weight in raw["weights"].items()}}, others=True)
    assert larger["starts"] == ours["starts"]
    assert (larger["consultant"], larger["second"]) == (ours["consultant"], ours["second"])
    assert larger["cost"] == (None if ours["cost"] is None else ours["cost"] * factor)
