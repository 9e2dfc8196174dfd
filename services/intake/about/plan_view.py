"""A course plan as the page on what happens tells it: the meetings with their length and the time between them. Pure."""

from dataclasses import dataclass
from typing import Final

from shared.events import CourseKind
from shared.programme import Programme
from shared.programme_meetings import PlannedMeeting
from shared.programme_plans import CoursePlan
from shared.words import Words

DAYS_OF_WEEK: Final = 7
MINUTES_OF_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class MeetingView:
    """Length in hours and minutes; `gap` is (least, most) after the meeting before, in weeks where `in_weeks`, else days."""

    name: Words
    hours: int
    minutes: int
    online: bool
    participants: Words
    gap: tuple[int, int] | None
    in_weeks: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """`notice_days`: how soon after the application the first meeting may lie."""

    kind: CourseKind
    name: Words
    notice_days: int
    meetings: tuple[MeetingView, ...]


def plans_of(programme: Programme) -> tuple[PlanView, ...]:
    """All kinds of course that the programme offers, in its own order."""
    return tuple(_plan(kind, plan, programme) for kind, plan in programme.plans.items())


def _plan(kind: CourseKind, plan: CoursePlan, programme: Programme) -> PlanView:
    return PlanView(
        kind=kind,
        name=plan.name,
        notice_days=programme.notice_days(kind),
        meetings=tuple(_meeting(meeting) for meeting in plan.meetings),
    )


def _meeting(meeting: PlannedMeeting) -> MeetingView:
    gap = (meeting.gap_days.min, meeting.gap_days.max) if meeting.gap_days else None
    in_weeks = gap is not None and all(days % DAYS_OF_WEEK == 0 for days in gap)
    if gap and in_weeks:
        gap = (gap[0] // DAYS_OF_WEEK, gap[1] // DAYS_OF_WEEK)
    hours, minutes = divmod(meeting.minutes, MINUTES_OF_HOUR)
    return MeetingView(
        name=meeting.name,
        hours=hours,
        minutes=minutes,
        online=meeting.place == "online",
        participants=meeting.participants,
        gap=gap,
        in_weeks=in_weeks,
    )
