"""Takes in what people said of a booked course's meetings, one thing after the other, each in a guarded change of its own.

How far a course has heard stands in its document: an event that comes twice, or after a lost one, changes nothing twice.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import structlog
from prometheus_client import Counter

from services.scheduler.answer import plan_answer
from services.scheduler.counter import plan_counter
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.guarded_change import change_course, read_before
from services.scheduler.know_people import know_people
from services.scheduler.means import Means
from services.scheduler.new_dates import plan_chosen, plan_offer
from shared.errors import DependencyDownError
from shared.said import CalendarAnswer, CounterProposal, DatesAsked, Said

SAID_LOST = Counter(
    "forloeb_said_lost_total", "Answers and proposals that no event of their application told any more when it came."
)

log = structlog.get_logger(__name__)


async def hear(course_id: str, said: Iterable[Said], *, means: Means) -> None:
    """Hear all of it that is new, in its order. Raises as `change_course`."""
    in_order = sorted(said, key=lambda each: each.number)
    if in_order:
        heard = (await read_before(course_id, means=means)).course.heard
        lost = in_order[0].number - heard - 1
        if lost > 0:
            # More was said while no event came through than an application keeps.
            SAID_LOST.inc(lost)
            log.warning("said-lost", course=course_id, count=lost)
    for one in in_order:
        await _hear_one(course_id, one, means=means)


async def _hear_one(course_id: str, one: Said, *, means: Means) -> None:
    for give_up in (False, True):
        outcome = await change_course(course_id, partial(_heard, one, means=means, give_up=give_up), means=means)
        if not isinstance(outcome, Impossible) or outcome.code == "unchanged":
            return
    # Not heard yet: it comes again.
    raise DependencyDownError("quiet-document")


async def _heard(one: Said, before: Before, *, means: Means, give_up: bool) -> Change | Impossible:
    course = before.course
    if one.number <= course.heard:
        return Impossible("unchanged")
    planned = Change(course=course, held=kept(before))
    if course.state == "booked":
        await know_people(course, means=means)
        planned = _planned(before, one, means=means, give_up=give_up)
    return replace(planned, course=planned.course.model_copy(update={"heard": one.number}))


def _planned(before: Before, one: Said, *, means: Means, give_up: bool) -> Change:
    if isinstance(one, CalendarAnswer):
        return plan_answer(before, one, means=means, give_up=give_up)
    if isinstance(one, CounterProposal):
        return plan_counter(before, one, means=means, give_up=give_up)
    if isinstance(one, DatesAsked):
        return plan_offer(before, one, means=means, give_up=give_up)
    return plan_chosen(before, one, means=means, give_up=give_up)
