"""The instance file format: every mistake is named by the path of its field and a sentence."""

import json
from typing import Any

import pytest

from services.scheduler.instance import HORIZON_DAYS_MAX, InstanceError, read_instance
from services.scheduler.instance_problem import problem_of
from tests.match_instances import Raw, consultant, instance, meeting, workplace

HALL = {"hours": {}, "unavailable": [], "closed_days": []}
GAP = {"min": 2, "ideal": 3, "max": 4}


def error(raw: Any) -> InstanceError:
    with pytest.raises(InstanceError) as caught:
        read_instance(raw if isinstance(raw, (str, bytes)) else json.dumps(raw))
    return caught.value


def test_the_plain_instance_is_read() -> None:
    """Optional keys may be missing or given."""
    assert read_instance(json.dumps(instance())).participants is None
    full = instance(
        participants=70,
        co_from_participants=60,
        venues={"hall": HALL},
        meetings=[meeting(co=True), meeting("second", place="hall", gap_days=GAP)],
        consultants=[consultant(travel_minutes={"workplace": 10, "hall": 20})],
    )
    problem = problem_of(read_instance(json.dumps(full)))
    assert problem.second_needed
    assert problem.meetings[0].co
    assert not problem_of(read_instance(json.dumps(full | {"participants": 59}))).second_needed


def test_a_byte_order_mark_is_no_mistake() -> None:
    """Some editors write one."""
    assert read_instance(b"\xef\xbb\xbf" + json.dumps(instance()).encode()).themes == ["samarbejde"]


@pytest.mark.parametrize(
    "key",
    [key for key in instance() if key != "workplace"] + ["workplace"],
)
def test_every_key_is_required(key: str) -> None:
    """Leaving one out names it."""
    raw = instance()
    del raw[key]
    assert (error(raw).path, error(raw).text) == (key, "This key is missing.")


@pytest.mark.parametrize("key", consultant())
def test_every_key_of_a_consultant_is_required(key: str) -> None:
    """With the number of the consultant, counted from 0."""
    raw = instance(consultants=[consultant(), consultant(id="c002")])
    del raw["consultants"][1][key]
    assert error(raw).path == f"consultants[1].{key}"


def changed(path: str, value: Any) -> Raw:
    """The fullest instance with one value replaced; the path is written as in errors."""
    raw: Any = instance(
        venues={"hall": dict(HALL)},
        meetings=[meeting(), meeting("second", place="hall", gap_days=dict(GAP))],
        consultants=[consultant(), consultant(id="c002", travel_minutes={"workplace": 10, "hall": 20})],
        workplace=workplace(hours={"mon": [["08:00", "16:00"]]}),
        weights=dict(instance()["weights"]),
    )
    raw = json.loads(json.dumps(raw))
    *steps, last = path.replace("[", ".[").split(".")
    inner = raw
    for step in steps:
        inner = inner[int(step[1:-1]) if step.startswith("[") else step]
    inner[int(last[1:-1]) if last.startswith("[") else last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "forloeb-match/2"),
        ("zone", "Europe/Atlantis"),
        ("zone", "../etc/passwd"),
        ("zone", "Europe"),
        ("zone", ""),
        ("earliest", "2027-02-30"),
        ("earliest", "18-01-2027"),
        ("earliest", "2027-01-18T00:00"),
        ("earliest", 20270118),
        ("latest", "9999-12-31"),
        ("closed_days", None),
        ("travel_hours", ["06:00"]),
        ("travel_hours", ["06:00", "06:00"]),
        ("travel_hours", ["24:00", "24:00"]),
        ("travel_hours", ["6:00", "20:00"]),
        ("travel_hours", ["06:60", "20:00"]),
        ("travel_hours", ["06:00", "24:30"]),
        ("travel_hours", None),
        ("setup_minutes", -1),
        ("setup_minutes", 30.0),
        ("setup_minutes", "30"),
        ("setup_minutes", True),
        ("themes", "samarbejde"),
        ("themes", [1]),
        ("sector", 5),
        ("participants", -1),
        ("workplace.hours.monday", []),
        ("workplace.hours.mon[0]", ["16:00", "08:00"]),
        ("workplace.unavailable", [["08:00", "16:00"]]),
        ("workplace.preferred_hours", "09:00"),
        ("workplace.avoid_weekdays", ["friday"]),
        ("workplace.colour", "red"),
        ("venues.hall.hours", None),
        ("venues.workplace", HALL),
        ("venues.online", HALL),
        ("meetings", []),
        ("meetings[0].minutes", 0),
        ("meetings[0].minutes", 45),
        ("meetings[0].minutes", -30),
        ("meetings[0].place", "town-hall"),
        ("meetings[0].gap_days", GAP),
        ("meetings[1].gap_days", None),
        ("meetings[1].gap_days.min", 0),
        ("meetings[1].gap_days.ideal", 1),
        ("meetings[1].gap_days.max", 2),
        ("meetings[1].code", "opening"),
        ("meetings[1].co", 1),
        ("consultants[1].id", "c001"),
        ("consultants[1].id", ""),
        ("consultants[1].blocked", "no"),
        ("consultants[1].active_courses", -1),
        ("consultants[1].max_courses", None),
        ("consultants[0].travel_minutes", -5),
        ("consultants[0].travel_minutes", "75"),
        ("consultants[0].travel_minutes", 10**9),
        ("consultants[1].travel_minutes.hall", 1.5),
        ("consultants[1].travel_minutes.moon", 5),
        ("weights.wait_day", -1),
        ("weights.luck", 1),
        ("colour", "red"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(path: str, value: Any) -> None:
    """The path is that of the value or of something inside it, and a sentence stands beside it."""
    found = error(changed(path, value))
    assert found.path == path or found.path.startswith((f"{path}[", f"{path}."))
    assert found.text.endswith(".")
    assert str(found) == f"{found.path}: {found.text}"


def test_an_instance_with_nothing_changed_is_right() -> None:
    """So each error above comes from its change."""
    assert read_instance(json.dumps(changed("themes", ["a"]))).themes == ["a"]


def test_travel_by_place_names_every_place() -> None:
    """A place that is left out is missed."""
    raw = changed("consultants[1].travel_minutes", {"workplace": 10})
    assert (error(raw).path, error(raw).text) == ("consultants[1].travel_minutes.hall", "This key is missing.")


def test_a_key_that_stands_twice_is_refused() -> None:
    """JSON readers would silently take the last one."""
    text = json.dumps(instance(consultants=[consultant()])).replace(
        '"blocked": false', '"blocked": true, "blocked": false'
    )
    assert error(text).path == "consultants[0].blocked"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", b"\xff\xfe", "[" * 100_000, '{"format": NaN}', f'{{"format": {"9" * 5000}}}']
)
def test_what_is_no_instance_at_all_is_refused(text: str | bytes) -> None:
    """Broken JSON, another type, another encoding, or nesting without end."""
    assert error(text).path in {"$", "format"}


def test_a_window_of_more_than_a_century_is_refused() -> None:
    """It would only cost memory."""
    assert error(instance(earliest="1970-01-01", latest="2199-12-31")).path == "latest"
    assert HORIZON_DAYS_MAX > 365 * 100


def test_a_wall_time_may_end_a_day_but_not_begin_after_it() -> None:
    """24:00 is an end and never a beginning."""
    right = changed("workplace.unavailable", [["2027-02-08T12:00", "2027-02-08T24:00"]])
    assert len(read_instance(json.dumps(right)).workplace.unavailable) == 1
    wrong = changed("workplace.unavailable", [["2027-02-08T24:00", "2027-02-09T08:00"]])
    assert error(wrong).path == "workplace.unavailable[0]"


def test_errors_do_not_repeat_what_was_written() -> None:
    """A file may hold personal data; its mistakes are told without it."""
    assert "Karen" not in str(error(changed("consultants[1].blocked", "Karen Jensen")))
