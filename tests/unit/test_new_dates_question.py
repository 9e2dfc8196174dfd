"""How far a question for other dates has come, at each moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.new_dates.question import (
    LATE_AFTER,
    OVER_AFTER,
    SHOWN_FOR,
    Question,
    asked_lately,
    may_ask,
    question_of,
)
from shared.course_facts import Offer, PossibleStart
from shared.events import ApplicationState
from shared.said import DateChosen, DatesAsked, Said
from tests.event_samples import ADMITTED, MEETINGS

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MEETING = MEETINGS[0]
OTHER = MEETINGS[1]
LATER = MEETING.start + timedelta(days=1)


def asked(number: int = 1, at: datetime = NOW) -> DatesAsked:
    return DatesAsked(number=number, meeting_id=MEETING.meeting_id, person_id="leader", at=at)


def chose(number: int = 2, at: datetime = NOW) -> DateChosen:
    return DateChosen(number=number, meeting_id=MEETING.meeting_id, person_id="leader", offer=1, start=LATER, at=at)


def offer(number: int = 1, *starts: datetime, **changes: Any) -> Offer:
    facts = {
        "number": number,
        "meeting_id": MEETING.meeting_id,
        "person_id": "leader",
        "starts": tuple(PossibleStart(start=one, wall_start=f"{one:%Y-%m-%dT%H:%M}") for one in starts),
        "at": NOW,
        "until": NOW + timedelta(minutes=10),
    }
    return Offer.model_validate(facts | changes)


def course(**changes: Any) -> CourseView:
    return CourseView.model_validate({"sequence": 1, "state": "booked", "meetings": MEETINGS} | changes)


def having(*said: Said) -> ApplicationState:
    return ADMITTED.model_copy(update={"said": said, "said_count": len(said)})


def question(*said: Said, after: timedelta = timedelta(), **changes: Any) -> Question | None:
    return question_of(having(*said), course(**changes), now=NOW + after)


def stage(*said: Said, after: timedelta = timedelta(), **changes: Any) -> str | None:
    found = question(*said, after=after, **changes)
    return found.stage if found else None


def test_without_an_answer_it_waits_then_is_late_then_over() -> None:
    """Of a question and of a choice alike."""
    assert [stage(asked(), after=after) for after in (timedelta(), LATE_AFTER, OVER_AFTER)] == [
        "waiting",
        "late",
        "over",
    ]
    assert [stage(chose(), after=after) for after in (timedelta(), LATE_AFTER, OVER_AFTER)] == [
        "moving",
        "late",
        "over",
    ]


def test_times_are_offered_until_they_are_held_no_more() -> None:
    """At the very instant of `until` they are not."""
    held = offer(1, LATER)
    assert stage(asked(), offer=held) == "offered"
    assert stage(asked(), offer=held, after=timedelta(minutes=10)) == "over"
    assert stage(asked(), offer=offer(1)) == "none"


def test_only_the_answer_to_the_last_thing_said_counts() -> None:
    """An older offer, or one for another meeting, answers an older question."""
    assert stage(asked(3), offer=offer(1, LATER)) == "waiting"
    assert stage(asked(), offer=offer(1, LATER, meeting_id=OTHER.meeting_id)) == "waiting"
    assert stage(chose(), offer=offer(1, LATER)) == "moving"


def test_a_choice_is_answered_by_the_moved_meeting_or_by_a_new_offer() -> None:
    """The new offer says that the chosen time was no longer free."""
    moved = (MEETING.model_copy(update={"start": LATER}), *MEETINGS[1:])
    assert stage(chose(), meetings=moved, after=OVER_AFTER) == "moved"
    again = question(chose(), offer=offer(2, LATER))
    assert again is not None
    assert (again.stage, again.again) == ("offered", True)


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({}, SHOWN_FOR),
        ({"state": "cancelled"}, timedelta()),
        ({"meetings": MEETINGS[1:]}, timedelta()),
        ({"meetings": (MEETING.model_copy(update={"status": "cancelled"}),)}, timedelta()),
        ({"meetings": (MEETING.model_copy(update={"start": NOW}),)}, timedelta()),
    ],
    ids=["a day ago", "course cancelled", "meeting gone", "meeting cancelled", "meeting begun"],
)
def test_a_question_that_is_over_and_done_with_is_not_shown(changes: dict[str, Any], after: timedelta) -> None:
    """Nor one of an application that is withdrawn, or without a course."""
    assert question(asked(), after=after, **changes) is None
    withdrawn = having(asked()).model_copy(update={"state": "withdrawn"})
    assert question_of(withdrawn, course(), now=NOW) is None
    assert question_of(having(asked()), None, now=NOW) is None
    assert question_of(having(), course(), now=NOW) is None


def test_questions_of_the_last_day_are_counted() -> None:
    """Choices are none."""
    said = [asked(1, NOW - timedelta(days=1)), asked(2, NOW - timedelta(hours=23)), chose(3), asked(4)]
    assert asked_lately(having(*said), now=NOW) == 2


def test_only_a_meeting_to_come_of_a_booked_course_can_be_asked_for() -> None:
    """Not one that has begun, and not while the course waits."""
    assert may_ask(MEETING, course(), now=NOW)
    assert not may_ask(MEETING, course(), now=MEETING.start)
    assert not may_ask(MEETING, course(state="waiting"), now=NOW)
    assert not may_ask(MEETING, None, now=NOW)
