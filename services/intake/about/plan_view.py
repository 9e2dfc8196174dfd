"""A course plan as the page on what happens tells it: the meetings with their length and the time between them. Pure."""

from dataclasses import dataclass
from typing import Final

from shared.events import CourseKind
from shared.programme import Programme
from shared.programme_meetings import HOSTS_MAX, PlannedMeeting, hosts_of
from shared.programme_plans import CoursePlan
from shared.words import Words

DAYS_OF_WEEK: Final = 7
MINUTES_OF_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class MeetingView:
    """Length in hours and minutes; `gap` is (least, most) after the meeting before, in weeks where `in_weeks`, else days.

    `host` counts the workplaces of an application that has as many as are needed, from 1.
    """

    name: Words
    hours: int
    minutes: int
    online: bool
    host: int
    participants: Words
    preparation: Words | None
    gap: tuple[int, int] | None
    in_weeks: bool


@dataclass(frozen=True, slots=True)
class FormatView:
    """`name` is None where there is nothing to choose. `notice_days`: how soon after the application a course may begin."""

    name: Words | None
    notice_days: int
    meetings: tuple[MeetingView, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    kind: CourseKind
    name: Words
    formats: tuple[FormatView, ...]


def plans_of(programme: Programme) -> tuple[PlanView, ...]:
    """All kinds of course that the programme offers, in its own order."""
    return tuple(_plan(kind, plan, programme) for kind, plan in programme.plans.items())


def _plan(kind: CourseKind, plan: CoursePlan, programme: Programme) -> PlanView:
    return PlanView(
        kind=kind,
        name=plan.name,
        formats=tuple(_format(kind, plan, code, programme) for code in plan.format_codes()),
    )


def _format(kind: CourseKind, plan: CoursePlan, code: str | None, programme: Programme) -> FormatView:
    meetings = plan.meetings_of(code)
    return FormatView(
        name=plan.format_or_first(code),
        notice_days=programme.notice_days(kind, code),
        meetings=tuple(
            _meeting(meeting, host) for meeting, host in zip(meetings, hosts_of(meetings, HOSTS_MAX), strict=True)
        ),
    )


def _meeting(meeting: PlannedMeeting, host: int) -> MeetingView:
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
        host=host + 1,
        participants=meeting.participants,
        preparation=meeting.preparation,
        gap=gap,
        in_weeks=in_weeks,
    )
