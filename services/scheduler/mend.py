"""Plans what becomes of a booked course of which something cannot be held: the least change that heals it, else it stalls, visibly."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.scheduler.booked_question import TAKEN_OVER_BY_US
from services.scheduler.conflicts import Doubt, Near, doubts
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, kept
from services.scheduler.history import HistoryEntry, done_by_itself, extended
from services.scheduler.means import Means
from services.scheduler.rebook import repaired
from services.scheduler.refusals import to_come
from services.scheduler.stall import in_doubt, kept_claims, resolved, stalled
from services.scheduler.workplace_hash import hashes_of
from shared.course_facts import Cause
from shared.events import CourseRebooked, CourseStalled

REPAIRED: Final = "repair."
"""Begins the codes of history entries about repairs; the cause follows."""
STALLED: Final = "stall."
"""Begins those about courses for which no repair was found."""
CLEARED: Final = "stall.cleared"
REPAIRS_MAX: Final = 6
REPAIRS_WITHIN: Final = timedelta(days=1)
"""After so many repairs within that time the course waits for staff: calendars that decline everything by themselves would else
have it moved for ever, and its people would get mail after mail."""


def mended(before: Before, course: Course, *, means: Means, give_up: bool = False) -> Change:
    """The booked course `course`, which holds what `before` held, with nothing in doubt; or stalled, where that cannot be.

    `give_up`: repairs were planned and could not be written, so none is planned. Where nothing is in doubt, only what `course`
    itself has new is written.
    """
    course = course.model_copy(update={"refused": to_come(course.refused, before.now)})
    found = found_doubts(before, course, means=means)
    if not found and course.stall is None:
        return Change(course=course, held=kept(before))
    cause: Cause = found[0].cause if found else _known_cause(course)
    if not found and not in_doubt(course, before.now):
        # All of it has begun meanwhile.
        over = _noted(resolved(course, now=before.now), CLEARED, {}, before, means)
        return Change(course=over, held=kept(before), kind=CourseRebooked)
    if not give_up and not (found and _was_mended_enough(course, before)):
        planned = repaired(before, course, means=means, cause=cause, reasons=False, taken_over_ahead=TAKEN_OVER_BY_US)
        if isinstance(planned, Change):
            return _with_history(planned, before, found, cause, means=means)
    return _stalled(before, course, found, cause, means=means)


def found_doubts(before: Before, course: Course, *, means: Means) -> tuple[Doubt, ...]:
    """What of it is in doubt, as far as this process knows the roster."""
    matter = before.opened.matter
    workplaces = () if matter is None else matter.workplaces
    near = Near(
        municipalities={*course.request.municipalities, *(one.municipality for one in workplaces)},
        workplaces=hashes_of(workplaces, means.workplace_key),
    )
    roster = {one: means.calendar.facts_of(one) for one in course.consultants()}
    return doubts(course, roster, near=near, now=before.now)


def _stalled(before: Before, course: Course, found: tuple[Doubt, ...], cause: Cause, *, means: Means) -> Change:
    """Nothing better was found. Told when it is news, and only then."""
    waits = stalled(course, found, cause=cause, now=before.now)
    held = kept_claims(before.claims, found)
    if waits is course:
        return Change(course=course, held=held)
    waits = _noted(waits, f"{STALLED}{cause}", _facts(found), before, means)
    return Change(course=waits, held=held, kind=CourseStalled)


def _with_history(planned: Change, before: Before, found: tuple[Doubt, ...], cause: Cause, *, means: Means) -> Change:
    if planned.kind is None:
        # It can go on as it is, although it seemed otherwise.
        return planned
    same = planned.course.meetings == before.course.meetings
    act, facts = (CLEARED, {}) if same else (f"{REPAIRED}{cause}", _facts(found))
    return replace(planned, course=_noted(planned.course, act, facts, before, means))


def _was_mended_enough(course: Course, before: Before) -> bool:
    since = before.now - REPAIRS_WITHIN
    return sum(one.act.startswith(REPAIRED) and one.at > since for one in course.history) >= REPAIRS_MAX


def _known_cause(course: Course) -> Cause:
    if course.stall is None:
        raise ValueError("only a course that is stalled has a cause of its stall")
    return course.stall.cause


def _facts(found: tuple[Doubt, ...]) -> dict[str, str]:
    """Of the first meeting that is in doubt: whom it needs to do without, and where it was."""
    if not found:
        return {}
    first = found[0]
    facts = {"meeting": first.meeting.meeting_id, "code": first.meeting.code}
    return facts if first.cause == "contacts_declined" else {"consultant": first.who, **facts}


def _noted(course: Course, act: str, facts: dict[str, str], before: Before, means: Means) -> Course:
    entry: HistoryEntry = done_by_itself(act, facts, at=before.now, random=means.random)
    return course.model_copy(update={"history": extended(course.history, entry)})
