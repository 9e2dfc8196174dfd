from datetime import timedelta
from typing import Any

import pytest

from services.notifier.course_view import Settling, ToldCourse, View
from services.notifier.plan_course import plan_course
from services.notifier.planned import Plan
from services.notifier.settle import causes_with, settled
from shared.course_facts import Stall
from shared.events import CourseState
from tests.notifier_samples import SUBMITTED_AT, course, meeting, people_of

QUIET = timedelta(seconds=60)
STALL = Stall(since=SUBMITTED_AT, cause="leave", meetings=("a001-m1",))
MOVED = (meeting(0, moves=1), meeting(1))


def view_of(told: CourseState, *, now: CourseState | None = None, settling: Settling | None = None) -> View:
    return View(application_id="a001", course=now or told, told_course=ToldCourse.of(told), settling=settling)


def plan_of(view: View, state: CourseState) -> Plan:
    first = plan_course(course(), people_of(course()), {}, sequence=1)
    return plan_course(state, people_of(state), first.told, before=view.told_course, sequence=2)


def decided(view: View, state: CourseState, *, seconds: float = 0, quiet: timedelta = QUIET) -> Settling | None:
    """What is left for later, so many seconds after the first change."""
    now = SUBMITTED_AT + timedelta(seconds=seconds)
    return settled(view, state, plan_of(view, state), now=now, quiet=quiet, traceparent="trace")


def test_a_change_of_a_told_course_waits_for_the_quiet() -> None:
    """It carries the trace of the change that began it."""
    waits = decided(view_of(course()), course(meetings=MOVED, cause="counter"))
    assert waits == Settling(since=SUBMITTED_AT, due=SUBMITTED_AT + QUIET, causes=("counter",), traceparent="trace")


@pytest.mark.parametrize(
    ("told", "state", "quiet"),
    [
        (course("waiting"), course(), QUIET),
        (course(), course("cancelled", cancelled_by="staff"), QUIET),
        (course(), course(meetings=MOVED), timedelta(0)),
        (course(), course(), QUIET),
    ],
    ids=["first booking", "the end", "no quiet is asked for", "nothing to tell"],
)
def test_what_is_told_at_once_leaves_nothing_for_later(told: CourseState, state: CourseState, quiet: timedelta) -> None:
    """As long as nothing waits already."""
    assert decided(view_of(told), state, quiet=quiet) is None


def test_more_changes_put_it_off_up_to_five_times_the_quiet() -> None:
    """Counted from the first change."""
    first = decided(view_of(course()), course(meetings=MOVED))
    view = view_of(course(), now=course(meetings=MOVED), settling=first)
    again = course(meetings=(meeting(0, moves=2), meeting(1)))
    for seconds, due in ((30, 90), (200, 260), (280, 300)):
        waits = decided(view, again, seconds=seconds)
        assert waits is not None
        assert (waits.since, waits.due) == (SUBMITTED_AT, SUBMITTED_AT + timedelta(seconds=due))


def test_the_end_of_a_course_is_marked_before_it_is_told_where_something_waited() -> None:
    """Somebody else may be about to tell it: the mark decides who is first."""
    view = view_of(course(), settling=decided(view_of(course()), course(meetings=MOVED)))
    waits = decided(view, course("cancelled", cancelled_by="staff"), seconds=5)
    assert waits is not None
    assert waits.telling
    assert decided(view, course(), seconds=5) is None, "taken back: there is nothing to tell"


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"meetings": MOVED, "cause": "leave"}, ("counter", "leave")),
        ({"meetings": MOVED, "cause": "counter"}, ("counter",)),
        ({"cause": "leave"}, ("counter",)),
        ({"stall": STALL, "cause": "leave"}, ("counter",)),
    ],
    ids=["another change", "the same cause", "only an answer", "only a doubt"],
)
def test_causes_are_those_of_changes_of_what_was_booked(changes: dict[str, Any], causes: tuple[str, ...]) -> None:
    """A state keeps the cause of its last change, also where an event brings something else."""
    waits = Settling(since=SUBMITTED_AT, due=SUBMITTED_AT, causes=("counter",))
    assert causes_with(view_of(course(), settling=waits), course(**changes)) == causes
