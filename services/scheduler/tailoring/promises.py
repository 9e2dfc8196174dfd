"""What the programme promises about the days between two meetings, and a tailored course does not keep: for a warning. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.scheduler.course import Course
from shared.programme import Programme
from shared.programme_plans import PlannedSpan
from shared.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPromise:
    """Names of the two meetings, the days promised between them, and those that there would be."""

    first: str
    last: str
    least: int
    most: int
    days: int


def broken_promises(course: Course, spans: Sequence[PlannedSpan], language: Language) -> list[BrokenPromise]:
    """Of the meetings that the course still has."""
    known = {one.code: one for one in course.sittings}
    found = []
    for span in spans:
        if span.first not in known or span.last not in known:
            continue
        first, last = known[span.first], known[span.last]
        days = (date.fromisoformat(last.wall_start[:10]) - date.fromisoformat(first.wall_start[:10])).days
        if not span.min_days <= days <= span.max_days:
            names = first.name.in_language(language), last.name.in_language(language)
            found.append(
                BrokenPromise(first=names[0], last=names[1], least=span.min_days, most=span.max_days, days=days)
            )
    return found


def promises_of(course: Course, programme: Programme, language: Language) -> list[BrokenPromise]:
    """Those of the programme's plan for such courses; none where it has none any more."""
    plan = programme.plans.get(course.request.kind)
    return broken_promises(course, plan.spans, language) if plan is not None else []
