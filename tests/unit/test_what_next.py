from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.progress import progress_of
from services.intake.status.what_next import Next, grouped, next_of
from shared.events import ApplicationState
from shared.programme import Programme
from tests.event_samples import ADMITTED, MEETINGS, SUBMITTED, WITHDRAWN
from tests.factories import spark

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SPARK = spark()


def coming(
    state: ApplicationState, course: CourseView | None = None, *, now: datetime = NOW, programme: Programme = SPARK
) -> Next:
    progress = progress_of(state, course, person_id=None, now=now)
    return next_of(state, course, progress, programme=programme, now=now)


def course(state: str, **changes: Any) -> CourseView:
    return CourseView.model_validate({"sequence": 1, "state": state} | changes)


def test_an_admitted_application_is_promised_an_answer_by_a_day() -> None:
    """So many working days after the admission; once the day has passed, the page says that we are late."""
    found = coming(ADMITTED)
    assert (found.code, found.answer_by, found.late) == ("admitted", date(2026, 11, 30), False)
    assert not coming(ADMITTED, now=datetime(2026, 11, 30, 22, 0, tzinfo=UTC)).late
    assert coming(ADMITTED, now=datetime(2026, 11, 30, 23, 0, tzinfo=UTC)).late, (
        "it is the first of December in Denmark"
    )


def test_before_the_confirmation_no_day_is_promised() -> None:
    """Nobody knows when it will come; the number of days after it is told instead."""
    found = coming(SUBMITTED)
    assert (found.code, found.answer_by, found.answer_days) == ("received", None, 5)


def test_where_people_decide_only_a_decision_is_promised() -> None:
    """By a day where nothing had to be confirmed, else so many days after the confirmation."""
    reviewed = SPARK.model_copy(update={"admission": "review"})
    trusted = SUBMITTED.model_copy(update={"needs_confirmation": False})
    confirmed = SUBMITTED.model_copy(update={"confirmed_by": SUBMITTED.contacts})
    assert coming(trusted, programme=reviewed) == Next(
        code="under_review", reviewed=True, answer_days=5, answer_by=date(2026, 11, 30)
    )
    assert coming(confirmed, programme=reviewed).answer_by is None


def test_who_waits_is_told_why_and_until_when() -> None:
    """The last day for a start is counted from the application."""
    found = coming(ADMITTED, course("waiting", reasons={"hours": 2, "themes": 9, "busy": 1, "brand_new": 1}))
    assert found.code == "waiting_list"
    assert found.reasons == (("themes", 9), ("dates", 4))
    assert found.start_by == date(2026, 11, 23) + timedelta(days=SPARK.windows.first_meeting_within_days)


def test_who_waited_in_vain_is_told_so() -> None:
    """From the day on which a course that is found could no longer begin in time: "we try again every day" would be untrue."""
    last = date(2026, 11, 23) + timedelta(days=SPARK.windows.first_meeting_within_days)
    found_until = last - timedelta(days=SPARK.notice_days("single"))
    for days, too_late in ((0, False), (1, True), (400, True)):
        day = found_until + timedelta(days=days)
        noon = datetime(day.year, day.month, day.day, 11, 0, tzinfo=UTC)
        assert coming(ADMITTED, course("waiting", reasons={"window": 3}), now=noon).too_late is too_late


@pytest.mark.parametrize(
    "code", ["blocked", "themes", "capacity", "window", "hours", "closed", "busy", "travel", "gaps"]
)
def test_every_rule_of_the_matcher_comes_to_something(code: str) -> None:
    """None is lost on the way to the page."""
    [(_, count)] = grouped({code: 3})
    assert count == 3


def test_a_booked_course_tells_its_next_meeting() -> None:
    """The first that has not begun; none after the last."""
    booked = course("booked", meetings=MEETINGS)
    assert coming(ADMITTED, booked).meeting == MEETINGS[0]
    assert coming(ADMITTED, booked, now=MEETINGS[0].start).meeting == MEETINGS[1]
    assert coming(ADMITTED, booked, now=MEETINGS[1].start).meeting is None


def test_a_withdrawn_application_promises_nothing() -> None:
    """Neither a day nor a reason nor a meeting."""
    found = coming(WITHDRAWN, course("cancelled", meetings=MEETINGS))
    assert found == Next(code="withdrawn", reviewed=False, answer_days=5)


def test_more_time_given_by_staff_counts() -> None:
    """The last day for a start follows the course's own window, so nobody is told in vain to apply again."""
    late = datetime(2027, 7, 1, 9, 0, tzinfo=UTC)
    assert coming(ADMITTED, course("waiting"), now=late).too_late
    longer = coming(ADMITTED, course("waiting", latest=date(2028, 3, 1)), now=late)
    assert (longer.start_by, longer.too_late) == (date(2027, 7, 28), False)


def test_a_course_that_staff_put_back_is_planned_again() -> None:
    """Nobody is told that no consultant has time: that was not why."""
    assert coming(ADMITTED, course("waiting", held=True)).again
    assert not coming(ADMITTED, course("waiting")).again
