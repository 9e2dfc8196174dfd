"""Instance files with anything in them: read, or refused with the path of a field and a sentence; what is read can be asked."""

import copy
import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.instance import InstanceError, read_instance
from services.scheduler.instance_format import Instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.matching import match
from services.scheduler.repair import repair
from tests.match_answers import gap
from tests.match_instances import Raw, consultant, instance, meeting, workplace

Steps = tuple[int | str, ...]

FULL = instance(
    participants=60,
    co_from_participants=60,
    closed_days=["2027-01-20"],
    venues={"hall": {"hours": {"mon": [["08:00", "16:00"]]}, "unavailable": [], "closed_days": ["2027-01-19"]}},
    workplace=workplace(preferred_hours=["09:00", "15:00"], avoid_weekdays=["fri"]),
    meetings=[
        meeting(co=True),
        meeting("second", place="hall", gap_days=gap(1, 7, 9)),
        meeting("third", gap_days=gap(1, 1, 9)),
    ],
    consultants=[
        consultant(unavailable=[["2027-01-18T09:00", "2027-01-19T12:00"]]),
        consultant(id="c002", travel_minutes={"workplace": 10, "hall": 20}),
    ],
    booked={
        "consultant": "c001",
        "second": "c002",
        "starts": ["2027-01-18T09:00", "2027-01-25T09:00", "2027-01-26T09:00"],
    },
    now="2027-01-18T10:00",
)

# What people and programs put where something else is meant.
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3000),
    st.sampled_from(
        [10**30, -(10**30), 1.5, 1e300, "", "x", "mon", "workplace", "hall", "online", "c001", "c002", "ø\x00"]
    ),
    st.sampled_from(
        ["24:00", "08:30", "25:00", "2027-01-18", "2027-02-30", "2027-03-28T02:30", "2027-01-18T24:00", "Europe/Paris"]
    ),
    st.sampled_from(
        [[], {}, [[]], [["08:00", "16:00"]], ["16:00", "08:00"], {"workplace": 5}, {"x": 1}, gap(1, 1, 1), gap(3, 2, 1)]
    ),
    st.text(max_size=4),
)


def steps_of(value: Any, before: Steps = ()) -> list[Steps]:
    """The way to every value there is."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(found for key, one in inner for found in steps_of(one, (*before, key)))]


PATHS = [steps for steps in steps_of(FULL) if steps]


@st.composite
def damaged(draw: st.DrawFn) -> Raw:
    """One to three values replaced, dropped, doubled, or given a neighbour."""
    raw = copy.deepcopy(FULL)
    for steps in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        inner: Any = raw
        try:
            for step in steps[:-1]:
                inner = inner[step]
            damage = draw(st.sampled_from(["replace", "replace", "replace", "drop", "double", "more"]))
            if damage == "drop":
                del inner[steps[-1]]
            elif damage == "double" and isinstance(inner, list):
                inner.append(copy.deepcopy(inner[steps[-1]]))
            elif damage == "more" and isinstance(inner, dict):
                inner[draw(st.text("xyø<> ", min_size=1, max_size=3))] = copy.deepcopy(draw(VALUES))
            else:
                inner[steps[-1]] = copy.deepcopy(draw(VALUES))
        except (KeyError, IndexError, TypeError):
            # An earlier damage has taken this place away.
            continue
    return raw


def read(text: str | bytes) -> Instance | InstanceError:
    try:
        return read_instance(text)
    except InstanceError as error:
        return error


def leads_somewhere(path: str, raw: Any) -> bool:
    """Whether the path names a field of the file, or one that is missing in a part that is there."""
    names = list(FULL) + [key for steps in PATHS for key in steps if isinstance(key, str)]
    for step in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        if step.startswith("[") and isinstance(raw, list):
            raw = raw[int(step[1:-1])]
        elif isinstance(raw, dict):
            if step not in raw:
                return step in names
            raw = raw[step]
        else:
            return False
    return True


@settings(max_examples=250, deadline=None)
@given(damaged())
def test_damaged_instances_are_answered_or_refused_at_a_field(raw: Raw) -> None:
    """No other error than the one with path and sentence, and no crash of the matcher on what was let through."""
    found = read(json.dumps(raw))
    if isinstance(found, InstanceError):
        assert re.fullmatch(r".+[.]", found.text, re.DOTALL)
        assert found.path == "$" or leads_somewhere(found.path, raw), found.path
        return
    problem, booked = problem_of(found), booked_of(found)
    result = match(problem, others=True) if booked is None else repair(problem, *booked, others=True)
    assert json.dumps(result.as_json(milliseconds=0))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_broken_text_is_refused_as_a_whole_or_at_a_field(data: st.DataObject) -> None:
    """Bytes cut off, dropped, or put in anywhere."""
    text = json.dumps(FULL).encode()
    low, high = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    keep = data.draw(st.booleans())
    broken = text[:low] + data.draw(st.binary(max_size=4)) + (text[low:] if keep else text[high:])
    found = read(broken)
    assert isinstance(found, Instance) or (found.path and found.text.endswith("."))
