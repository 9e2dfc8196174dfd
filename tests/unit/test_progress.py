"""What applicants see of their application."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.meeting_words import meeting_name
from services.intake.progress import LABELS, NEXT, NEXT_STALLED, Code, code_of, links_end, next_words, progress_of
from shared.course_facts import Stall
from shared.events import ApplicationState, Meeting
from shared.sealing import Sealed
from tests.factories import spark

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BLOCK = Sealed(key_id="k", nonce="", box="")


def application(**changes: Any) -> ApplicationState:
    facts = {
        "application_id": "a1",
        "reference": "SPARK-7K4M-2QX9",
        "programme": "spark",
        "kind": "single",
        "state": "submitted",
        "committee": "trio",
        "municipalities": ("329",),
        "sector": "jobcenter",
        "employees": 140,
        "participants": 6,
        "earliest_start": date(2026, 11, 20),
        "submitted_at": NOW,
        "needs_confirmation": True,
        "contacts": ("p1", "p2"),
        "people": {"p1": BLOCK, "p2": BLOCK},
        "matter": BLOCK,
    }
    return ApplicationState.model_validate(facts | changes)


def meeting(start: datetime, **changes: Any) -> Meeting:
    facts = {
        "meeting_id": f"m{start.isoformat()}",
        "code": "opening",
        "place": "workplace",
        "minutes": 120,
        "start": start,
        "wall_start": "2027-01-12T09:00",
        "zone": "Europe/Copenhagen",
        "uid": "u@example",
        "sequence": 0,
        "dtstamp": NOW,
        "status": "confirmed",
    }
    return Meeting.model_validate(facts | changes)


def course(state: str, *starts: datetime) -> CourseView:
    return CourseView.model_validate(
        {"sequence": 1, "state": state, "meetings": [meeting(start).model_dump() for start in starts]}
    )


ADMITTED = {"state": "admitted", "confirmed_by": ("p1",)}
SOON = NOW + timedelta(days=40)
PAST = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "view", "code"),
    [
        ({}, None, "received"),
        ({"confirmed_by": ("p1",)}, None, "under_review"),
        ({"needs_confirmation": False}, None, "under_review"),
        (ADMITTED, None, "admitted"),
        (ADMITTED, course("cancelled"), "admitted"),
        (ADMITTED, course("waiting"), "waiting_list"),
        (ADMITTED, course("booked", SOON), "planned"),
        (ADMITTED, course("booked", PAST, SOON), "in_progress"),
        (ADMITTED, course("completed", PAST), "completed"),
        ({"state": "withdrawn", "withdrawn_at": NOW}, course("booked", SOON), "withdrawn"),
    ],
)
def test_the_code_follows_from_application_course_and_time(
    state: dict[str, Any], view: CourseView | None, code: Code
) -> None:
    """A withdrawal counts at once, before its course is cancelled."""
    assert code_of(application(**state), view, now=NOW) == code


def test_only_a_contact_may_confirm_and_only_what_waits_for_it() -> None:
    """Whoever sent the application in can see and withdraw it, and has proved no address."""
    assert progress_of(application(), None, person_id="p1", now=NOW).may_confirm
    assert not progress_of(application(), None, person_id=None, now=NOW).may_confirm
    assert not progress_of(application(**ADMITTED), None, person_id="p2", now=NOW).may_confirm


def test_what_is_over_cannot_be_withdrawn() -> None:
    """A completed course has been held, and a withdrawn application is withdrawn."""
    assert not progress_of(application(**ADMITTED), course("completed"), person_id="p1", now=NOW).may_withdraw
    assert not progress_of(application(state="withdrawn"), None, person_id="p1", now=NOW).may_withdraw
    assert progress_of(application(**ADMITTED), course("waiting"), person_id="p1", now=NOW).may_withdraw


def test_meetings_are_shown_in_order_and_without_the_cancelled_ones() -> None:
    """Also when the event had them in another order."""
    booked = course("booked", SOON + timedelta(days=7), SOON)
    off = booked.model_copy(update={"meetings": (*booked.meetings, meeting(PAST, status="cancelled"))})
    shown = progress_of(application(**ADMITTED), off, person_id=None, now=NOW).meetings
    assert [one.start for one in shown] == [SOON, SOON + timedelta(days=7)]


def test_links_end_some_time_after_the_course_or_the_withdrawal() -> None:
    """While it goes on they do not."""
    assert links_end(application(), None, days=90) is None
    assert links_end(application(**ADMITTED), course("waiting"), days=90) is None
    assert links_end(application(**ADMITTED), course("booked", SOON), days=90) == SOON + timedelta(days=90)
    withdrawn = application(state="withdrawn", withdrawn_at=NOW)
    assert links_end(withdrawn, course("booked", SOON), days=90) == NOW + timedelta(days=90)


def test_every_code_has_a_label_and_a_next_step_in_both_languages() -> None:
    """Nobody is left with an empty page."""
    assert LABELS.keys() == NEXT.keys()
    for code, label in LABELS.items():
        assert label.da != label.en
        assert NEXT[code].da != NEXT[code].en


def test_a_meeting_that_the_plan_no_longer_has_is_shown_by_its_code() -> None:
    """A changed plan does not break the pages of courses that were booked by the old one."""
    assert meeting_name("vanished", "single", spark()).da == "vanished"
    plan = spark().plans["single"].meetings[0]
    assert meeting_name(plan.code, "single", spark()) == plan.name


def test_a_course_that_staff_cancelled_is_over_for_its_applicants() -> None:
    """No other is sought, there is nothing to withdraw, and the links end. One cancelled for a withdrawal is not told so."""
    admitted = application(state="admitted", admitted_at=NOW)
    cancelled = CourseView.model_validate(
        {"sequence": 2, "state": "cancelled", "cancelled_by": "staff", "decided_at": NOW}
    )
    progress = progress_of(admitted, cancelled, person_id="p1", now=NOW)
    assert (progress.code, progress.may_withdraw) == ("cancelled", False)
    assert links_end(admitted, cancelled, days=90) == NOW + timedelta(days=90)
    withdrawn = cancelled.model_copy(update={"cancelled_by": "applicant"})
    assert code_of(admitted, withdrawn, now=NOW) == "admitted"


def test_a_course_in_doubt_stays_planned_and_says_what_happens_next() -> None:
    """One meeting is placed anew; a course that has ended says nothing of it."""
    stalled = course("booked", NOW + timedelta(days=30)).model_copy(
        update={"stall": Stall(since=NOW, cause="leave", meetings=("m",))}
    )
    admitted = application(state="admitted")
    found = progress_of(admitted, stalled, person_id=None, now=NOW)
    assert (found.code, next_words(found)) == ("planned", NEXT_STALLED)
    ended = stalled.model_copy(update={"state": "completed"})
    assert next_words(progress_of(admitted, ended, person_id=None, now=NOW)) == NEXT["completed"]
