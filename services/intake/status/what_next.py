"""What happens next with an application, and by when: facts that the page puts into words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.intake.course_view import CourseView
from services.intake.progress import Code, Progress
from shared.events import ApplicationState, Meeting
from shared.programme import Programme
from shared.words import Choice
from shared.working_days import working_days_after

Group = Literal["blocked", "themes", "capacity", "dates"]
_GROUPS: Final[Mapping[str, Group]] = {"blocked": "blocked", "themes": "themes", "capacity": "capacity"}
"""Rule codes of the matcher that mean something to people who wait; all others are about dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """`answer_by` is the last day of what was promised, and `late` tells that it has passed.

    `reasons` counts consultants by what keeps them from the course; `start_by` is the last day on which it may begin.
    `too_late`: no course can begin by then any more. `ground`: why the application was declined. `again`: the course had
    been booked and is to be planned again.
    """

    code: Code
    reviewed: bool
    answer_days: int
    answer_by: date | None = None
    late: bool = False
    start_by: date | None = None
    too_late: bool = False
    again: bool = False
    reasons: tuple[tuple[Group, int], ...] = ()
    meeting: Meeting | None = None
    ground: Choice | None = None


def next_of(
    state: ApplicationState, course: CourseView | None, progress: Progress, *, programme: Programme, now: datetime
) -> Next:
    """What the readers can count on at the instant `now`; dates are local to the programme."""
    answer_by = _answer_by(state, progress.code, programme)
    reasons = grouped(course.reasons) if progress.code == "waiting_list" and course else ()
    start_by = _start_by(state, course, programme) if progress.code == "waiting_list" else None
    return Next(
        code=progress.code,
        reviewed=programme.admission == "review",
        answer_days=programme.mail.answer_within_working_days,
        answer_by=answer_by,
        late=answer_by is not None and answer_by < _day(now, programme),
        start_by=start_by,
        again=progress.code == "waiting_list" and course is not None and course.held,
        too_late=start_by is not None and _earliest_start(state, programme, now) > start_by,
        reasons=reasons,
        meeting=next((one for one in progress.meetings if one.start > now), None),
        ground=programme.decline_ground(state.declined_ground) if state.declined_ground else None,
    )


def grouped(reasons: Mapping[str, int]) -> tuple[tuple[Group, int], ...]:
    """The counts of consultants by group, in the order in which the page tells them."""
    counts: dict[Group, int] = {}
    for code, count in reasons.items():
        group = _GROUPS.get(code, "dates")
        counts[group] = counts.get(group, 0) + count
    order: tuple[Group, ...] = ("themes", "capacity", "blocked", "dates")
    return tuple((group, counts[group]) for group in order if counts.get(group))


def _start_by(state: ApplicationState, course: CourseView | None, programme: Programme) -> date:
    """The last day for a start. Staff may have given it more time; the course may end as late as `latest`."""
    applied = programme.latest_start(_day(state.submitted_at, programme))
    if course is None or course.latest is None:
        return applied
    windows = programme.windows
    return max(applied, course.latest - timedelta(days=windows.horizon_days - windows.first_meeting_within_days))


def _earliest_start(state: ApplicationState, programme: Programme, now: datetime) -> date:
    """The first day on which a course that is found today may begin; the programme may have dropped its kind."""
    notice_days = programme.notice_days(state.kind, state.format) if state.kind in programme.plans else 0
    return _day(now, programme) + timedelta(days=notice_days)


def _answer_by(state: ApplicationState, code: Code, programme: Programme) -> date | None:
    """The day that an answer was promised for; none while that depends on a confirmation of which the day is not kept."""
    since: datetime | None = None
    if code == "admitted":
        since = state.admitted_at
    elif code == "under_review" and not state.needs_confirmation:
        since = state.submitted_at
    if since is None:
        return None
    return working_days_after(_day(since, programme), programme.mail.answer_within_working_days, programme)


def _day(instant: datetime, programme: Programme) -> date:
    return instant.astimezone(programme.tz).date()
