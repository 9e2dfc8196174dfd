"""Tells when courses of each plan cannot begin, as the calendar of the next two years stands. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from services.doctor.finding import Finding, ok, wrong
from shared.events import CourseKind
from shared.programme import Programme
from shared.programme_fit import Period, periods_without_course, periods_without_start
from shared.reference.dates import format_short_date

WHAT: Final = "plans"
DAYS_AHEAD: Final = 731
DAYS_TOLD: Final = 21
"""So many days in a row or more without a start are told; Christmas and Easter alone are no news."""
ADVICE: Final = "Widen gap_days or the windows, or close fewer weeks: who applies then waits in vain."


def check_plans(programme: Programme, today: date) -> list[Finding]:
    """A finding for each format of each plan, and one more where applications of some days would come in vain."""
    return [
        finding
        for kind, plan in programme.plans.items()
        for code in plan.format_codes()
        for finding in _findings(programme, kind, code, today)
    ]


def _findings(programme: Programme, kind: CourseKind, code: str | None, today: date) -> Iterator[Finding]:
    name = f"{kind}, {code}" if code else kind
    without_start = periods_without_start(programme, kind, code, first=today, days=DAYS_AHEAD, least_days=DAYS_TOLD)
    when = f"can begin all year, but for {_told(without_start)}" if without_start else "can begin all year"
    yield ok(WHAT, f"{name}: {when}")
    in_vain = periods_without_course(programme, kind, code, first=today, days=DAYS_AHEAD)
    if in_vain:
        yield wrong(WHAT, f"{name}: no course is possible for applications of {_told(in_vain)}", ADVICE)


def _told(periods: Sequence[Period]) -> str:
    return "; ".join(f"{format_short_date(one.first, 'en')} to {format_short_date(one.last, 'en')}" for one in periods)
