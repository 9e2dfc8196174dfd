"""What happens next with an application, and by when: facts that the page puts into words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.intake.course_view import CourseView
from services.intake.progress import Code, Progress
from shared.events import ApplicationState, Meeting
from shared.programme import Programme
from shared.working_days import working_days_after

Group = Literal["blocked", "themes", "capacity", "window", "dates"]
_GROUPS: Final[Mapping[str, Group]] = {
    "blocked": "blocked",
    "themes": "themes",
    "capacity": "capacity",
    "window": "window",
    **dict.fromkeys(("hours", "closed", "busy", "travel", "gaps"), "dates"),
}
"""Rule codes of the matcher, and what they come to for people who wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """`answer_by` is the last day of what was promised, and `late` tells that it has passed.

    `reasons` counts consultants by what keeps them from the course; `start_by` is the last day on which it may begin.
    """

    code: Code
    reviewed: bool
    answer_days: int
    answer_by: date | None = None
    late: bool = False
    start_by: date | None = None
    reasons: tuple[tuple[Group, int], ...] = ()
    meeting: Meeting | None = None


def next_of(
    state: ApplicationState, course: CourseView | None, progress: Progress, *, programme: Programme, now: datetime
) -> Next:
    """What the readers can count on at the instant `now`; dates are local to the programme."""
    answer_by = _answer_by(state, progress.code, programme)
    waiting = progress.code == "waiting_list" and course is not None
    return Next(
        code=progress.code,
        reviewed=programme.admission == "review",
        answer_days=programme.mail.answer_within_working_days,
        answer_by=answer_by,
        late=answer_by is not None and answer_by < _day(now, programme),
        start_by=programme.latest_start(_day(state.submitted_at, programme)) if waiting else None,
        reasons=grouped(course.reasons) if waiting and course else (),
        meeting=next((one for one in progress.meetings if one.start > now), None),
    )


def grouped(reasons: Mapping[str, int]) -> tuple[tuple[Group, int], ...]:
    """The counts of consultants by group, in the order of the rules; codes that we do not know count as dates."""
    counts: dict[Group, int] = {}
    for code, count in reasons.items():
        group = _GROUPS.get(code, "dates")
        counts[group] = counts.get(group, 0) + count
    order: tuple[Group, ...] = ("themes", "capacity", "blocked", "dates", "window")
    return tuple((group, counts[group]) for group in order if counts.get(group))


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
