"""Changes of a course's plan, and the form they are read from: pure, so the corners are tried here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.own_plan import copied
from services.scheduler.tailoring.change_plan import CannotTailorError, ChangedPlan, PlanGround, changed_plan
from services.scheduler.tailoring.changes import PlanChange, facts_of_changes
from services.scheduler.tailoring.form import shown_values, tailor_of
from shared.events import Workplace
from tests.factories import spark
from tests.tailoring_samples import HALL

PROGRAMME = spark()
CHANGES: TypeAdapter[tuple[PlanChange, ...]] = TypeAdapter(tuple[PlanChange, ...])
OFFICE = Workplace(name="Jobcenter", street="Gade 1", postal_code="5000", town="Odense", municipality="461")
ONLINE = {"at": "online"}
GAP = {"min": 7, "ideal": 14, "max": 28}


def ground(*, held: int = 1, kind: str = "single") -> PlanGround:
    """Of a course with two meetings of three hours, of which so many are over."""
    plan = PROGRAMME.plan(kind)
    assert plan is not None
    meetings = copied(plan.meetings_of(), 2)
    return PlanGround(
        plan=meetings,
        coming={one.code for one in meetings[held:]},
        known={one.code for one in meetings},
        places=(OFFICE,),
        own=1,
        municipalities={"461", "410"},
        programmes=plan.meetings,
    )


def changed(*changes: Mapping[str, Any], at: PlanGround | None = None) -> ChangedPlan:
    return changed_plan(at or ground(), CHANGES.validate_python(changes))


def gaps(plan: ChangedPlan) -> dict[str, tuple[int, int, int] | None]:
    return {one.code: one.gap and (one.gap.min, one.gap.ideal, one.gap.max) for one in plan.plan}


def refused(*changes: Mapping[str, Any], at: PlanGround | None = None) -> str:
    with pytest.raises(CannotTailorError) as error:
        changed(*changes, at=at)
    return error.value.code


def test_what_follows_a_dropped_meeting_may_stay_where_it_is() -> None:
    """14-21-35 and 28-42-56 days become 28-63-91: nothing has to move, and nothing comes too soon."""
    assert gaps(changed({"change": "drop", "meeting": "first"})) == {
        "opening": None,
        "second": (28, 63, 91),
        "follow_up": (42, 56, 84),
    }


def test_what_follows_an_added_meeting_may_stay_where_it_is() -> None:
    """28-42-56 days with 7-14-28 taken out."""
    add = {"change": "add", "after": "first", "kind": "planning", "minutes": 60, "place": ONLINE, "gap": GAP}
    plan = changed(add)
    assert list(gaps(plan)) == ["opening", "first", "extra_1", "second", "follow_up"]
    assert (gaps(plan)["extra_1"], gaps(plan)["second"]) == ((7, 14, 28), (1, 28, 49))


def test_codes_of_added_meetings_are_never_used_twice() -> None:
    """Not even the code of one that was dropped since."""
    add = {"change": "add", "after": "follow_up", "kind": "meeting", "minutes": 60, "place": ONLINE, "gap": GAP}
    known = replace(ground(), known={"opening", "extra_1"})
    assert [one.code for one in changed(add, add, at=known).plan][-2:] == ["extra_3", "extra_2"]


def test_a_second_consultant_comes_to_an_added_meeting_of_a_kind_for_two() -> None:
    """As the programme has it for its own."""
    adds = [
        {"change": "add", "after": "first", "kind": kind, "minutes": 60, "place": ONLINE, "gap": GAP}
        for kind in ("meeting", "follow_up")
    ]
    plan = {one.kind: one.co for one in changed(*adds).plan if one.code.startswith("extra")}
    assert plan == {"meeting": True, "follow_up": False}


def test_two_half_days_are_joined_to_the_programmes_whole_day() -> None:
    """With its name and length; the follow-up counts its days from it."""
    plan = changed({"change": "join", "meeting": "first"})
    day = plan.plan[1]
    assert (day.code, day.minutes, day.name.en) == ("first", 360, "full-day meeting")
    assert gaps(plan) == {"opening": None, "first": (14, 21, 35), "follow_up": (42, 56, 84)}


def test_two_half_days_at_two_workplaces_are_not_joined() -> None:
    """People of the second would find nobody there."""
    start = ground()
    plan = tuple(one.model_copy(update={"workplace": 1}) if one.code == "second" else one for one in start.plan)
    assert refused({"change": "join", "meeting": "first"}, at=replace(start, plan=plan)) == "tailor_join"


def test_a_first_meeting_that_is_dropped_leaves_the_next_one_first() -> None:
    """It has no gap then; and nothing can be added before what is booked."""
    none_held = ground(held=0)
    assert gaps(changed({"change": "drop", "meeting": "opening"}, at=none_held))["first"] is None
    add = {"change": "add", "after": "opening", "kind": "meeting", "minutes": 60, "place": ONLINE, "gap": GAP}
    assert refused(add, {"change": "drop", "meeting": "opening"}, at=none_held) == "tailor_first"
    assert refused({"change": "alter", "meeting": "opening", "gap": GAP}, at=none_held) == "tailor_gap"


def test_nothing_is_added_before_what_is_over() -> None:
    """After the last meeting that was held it can be."""
    two_held = ground(held=2)
    add = {"change": "add", "kind": "meeting", "minutes": 60, "place": ONLINE, "gap": GAP}
    assert refused({**add, "after": "opening"}, at=two_held) == "meeting"
    assert changed({**add, "after": "first"}, at=two_held).plan[2].code == "extra_1"


def test_a_course_does_not_grow_without_end() -> None:
    """At most as many meetings as a programme may plan, and ten places of its own."""
    add = {"change": "add", "after": "follow_up", "kind": "meeting", "minutes": 60, "place": ONLINE, "gap": GAP}
    assert refused(*[add] * 17) == "tailor_many"
    halls = [
        {"change": "alter", "meeting": "first", "place": {"at": "venue", "venue": HALL | {"street": f"Vej {number}"}}}
        for number in range(11)
    ]
    assert len(changed(*halls[:10]).venues) == 10
    assert refused(*halls) == "tailor_place"


def test_planning_meetings_between_keep_workshops_apart() -> None:
    """Only what follows each other can be joined."""
    assert refused({"change": "join", "meeting": "workshop_1"}, at=ground(kind="joint")) == "tailor_join"


@pytest.mark.parametrize(
    "change",
    [
        {"change": "alter", "meeting": "first", "minutes": 45},
        {"change": "alter", "meeting": "first", "minutes": 510},
        {"change": "alter", "meeting": "first", "gap": {"min": 3, "ideal": 2, "max": 9}},
        {"change": "alter", "meeting": "first", "gap": {"min": 0, "ideal": 2, "max": 9}},
        {"change": "alter", "meeting": "first", "gap": {"min": 1, "ideal": 2, "max": 366}},
        {"change": "add", "after": "first", "kind": "opening", "minutes": 60, "place": ONLINE, "gap": GAP},
        {"change": "alter", "meeting": "first", "name": "Personligt møde"},
        {"change": "alter", "meeting": "first", "place": {"at": "venue", "venue": HALL | {"postal_code": "55000"}}},
    ],
)
def test_values_outside_their_bounds_are_no_change(change: Mapping[str, Any]) -> None:
    """Whole half hours up to a workday, days in order, known kinds, and no names."""
    with pytest.raises(ValidationError):
        CHANGES.validate_python([change])


def test_the_history_names_codes_and_no_address() -> None:
    """Whatever was typed."""
    place = {"at": "venue", "venue": HALL}
    changes = [
        {"change": "alter", "meeting": "first", "place": place, "minutes": 60},
        {"change": "drop", "meeting": "second"},
    ]
    assert facts_of_changes(CHANGES.validate_python(changes)) == "alter:first:minutes+place drop:second"


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing() -> None:
    """Whatever the plan."""
    with pytest.raises(FormWrongError) as error:
        tailor_of(ground(), shown_values(ground()))
    assert set(error.value.faults) == {"changes"}


def test_a_form_says_each_change_once() -> None:
    """What is joined away is neither changed nor dropped, whatever stands in its fields."""
    fields = shown_values(ground()) | {"join_first": "yes", "drop_second": "yes", "minutes_second": "60"}
    fields |= {"place_follow_up": "place-0", "gap_ideal_follow_up": "60"}
    act = tailor_of(ground(), fields)
    assert facts_of_changes(act.changes) == "join:first alter:follow_up:place+gap"
    assert act.same_consultant


def test_each_wrong_field_is_named() -> None:
    """By the id of the field that the page shows."""
    fields = shown_values(ground()) | {"minutes_first": "lang", "gap_max_second": "", "place_follow_up": "venue"}
    fields |= {"add_kind": "party", "add_place": "nowhere", "add_gap_min": "99"}
    with pytest.raises(FormWrongError) as error:
        tailor_of(ground(), fields)
    wrong = {"minutes_first", "gap_ideal_second", "venue_name", "add_kind", "add_place", "add_gap_ideal"}
    assert set(error.value.faults) == wrong
