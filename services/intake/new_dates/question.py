"""How far a question for other dates has come: read from what was said last, and from what the scheduler has told since. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.intake.course_view import CourseView
from shared.course_facts import Offer
from shared.events import ApplicationState, Meeting
from shared.said import DateChosen, DatesAsked

LATE_AFTER: Final = timedelta(minutes=2)
"""An answer comes within seconds as a rule; after this the page says that it takes longer."""
OVER_AFTER: Final = timedelta(minutes=10)
"""After this no answer is waited for, and whatever was offered meanwhile is held no more."""
SHOWN_FOR: Final = timedelta(days=1)
ASKED_PER_DAY_MAX: Final = 5
DAY: Final = timedelta(days=1)

Stage = Literal["waiting", "late", "offered", "none", "over", "moving", "moved"]
OPEN: Final[frozenset[Stage]] = frozenset({"waiting", "late", "offered", "moving"})
"""As long as one question is open, no other one is asked: its answer would take the place of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The last question of an application. `number` and `person_id` are those of who said the last thing, `at` when.

    `offer` holds the times where they are offered. `chosen` is the instant that was chosen; `again`: it was no longer free.
    """

    stage: Stage
    meeting: Meeting
    number: int
    person_id: str
    at: datetime
    offer: Offer | None = None
    chosen: datetime | None = None
    again: bool = False

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN


def question_of(state: ApplicationState, course: CourseView | None, *, now: datetime) -> Question | None:
    """The question that the pages show at `now`; None: none was asked of late, or its meeting is held no more."""
    last = next((one for one in reversed(state.said) if isinstance(one, DatesAsked | DateChosen)), None)
    if last is None or now - last.at >= SHOWN_FOR or state.state != "admitted":
        return None
    if course is None or course.state != "booked":
        return None
    meeting = course.meeting(last.meeting_id)
    if meeting is None or meeting.status == "cancelled" or meeting.start <= now:
        return None
    chosen = last.start if isinstance(last, DateChosen) else None
    offer = course.offer if course.offer and course.offer.number >= last.number else None
    if offer is not None and offer.meeting_id != meeting.meeting_id:
        offer = None
    stage = _stage(offer, meeting, chosen, now=now, waited=now - last.at)
    return Question(
        stage=stage,
        meeting=meeting,
        number=last.number,
        person_id=last.person_id,
        at=last.at,
        offer=offer if stage == "offered" else None,
        chosen=chosen,
        again=chosen is not None and stage in ("offered", "none"),
    )


def _stage(
    offer: Offer | None, meeting: Meeting, chosen: datetime | None, *, now: datetime, waited: timedelta
) -> Stage:
    if chosen is not None and meeting.start == chosen:
        return "moved"
    if offer is not None:
        if not offer.starts:
            return "none"
        return "offered" if now < offer.until else "over"
    if waited < LATE_AFTER:
        return "waiting" if chosen is None else "moving"
    return "late" if waited < OVER_AFTER else "over"


def asked_lately(state: ApplicationState, *, now: datetime) -> int:
    """How often other dates were asked for within the last day."""
    return sum(isinstance(one, DatesAsked) and now - one.at < DAY for one in state.said)


def may_ask(meeting: Meeting, course: CourseView | None, *, now: datetime) -> bool:
    """Whether a meeting of this course is one that can still be moved."""
    booked = course is not None and course.state == "booked"
    return booked and meeting.status == "confirmed" and meeting.start > now
