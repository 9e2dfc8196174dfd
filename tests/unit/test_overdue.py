"""When an application has waited too long: its window, or its patience, is over."""

from datetime import date, timedelta

import pytest

from services.scheduler.course import Course
from services.scheduler.course_plan import window_for
from services.scheduler.overdue import WAITING_DAYS_MAX, overdue_of
from tests.factories import spark
from tests.scheduler_samples import NOW, request_of

APPLIED_ON = NOW.date()


def course(state: str = "waiting") -> Course:
    request = request_of()
    return Course.model_validate(
        {
            "application_id": "a1",
            "request": request,
            "window": window_for(request, spark()),
            "state": state,
            "decided_at": NOW,
        }
    )


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        (APPLIED_ON, None),
        (APPLIED_ON + timedelta(days=WAITING_DAYS_MAX - 1), None),
        (APPLIED_ON + timedelta(days=WAITING_DAYS_MAX), "long"),
        (course().window.latest_start - timedelta(days=21), "long"),
        (course().window.latest_start - timedelta(days=20), "window"),
    ],
)
def test_who_waits_is_overdue_from_the_day_on(day: date, overdue: str | None) -> None:
    """After 60 days, and once the notice of 21 days no longer fits before the last day for a start."""
    assert overdue_of(course(), day, spark()) == overdue


def test_a_longer_window_ends_it_and_what_does_not_wait_is_never_overdue() -> None:
    """What is left is the long wait."""
    late = course().window.latest_start
    longer = course().window.model_copy(update={"latest_start": late + timedelta(days=60)})
    assert overdue_of(course().model_copy(update={"window": longer}), late, spark()) == "long"
    assert overdue_of(course("booked"), late, spark()) is None
