"""Takes in what people said of a booked course's meetings, one thing after the other, each in a guarded change of its own.

How far a course has heard stands in its document: an event that comes twice, or after a lost one, changes nothing twice.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from services.scheduler.answer import plan_answer
from services.scheduler.counter import plan_counter
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.guarded_change import change_course
from services.scheduler.means import Means
from services.scheduler.new_dates import plan_chosen, plan_offer
from shared.said import CalendarAnswer, CounterProposal, DatesAsked, Said


async def hear(course_id: str, said: Iterable[Said], *, means: Means) -> None:
    """Hear all of it that is new, in its order. Raises as `change_course`."""
    for one in sorted(said, key=lambda each: each.number):
        await change_course(course_id, partial(_heard, one, means=means), means=means)


async def _heard(one: Said, before: Before, *, means: Means) -> Change | Impossible:
    if one.number <= before.course.heard:
        return Impossible("unchanged")
    planned = _planned(before, one, means=means)
    return replace(planned, course=planned.course.model_copy(update={"heard": one.number}))


def _planned(before: Before, one: Said, *, means: Means) -> Change:
    if isinstance(one, CalendarAnswer):
        return plan_answer(before, one, means=means)
    if isinstance(one, CounterProposal):
        return plan_counter(before, one, means=means)
    if isinstance(one, DatesAsked):
        return plan_offer(before, one, means=means)
    return plan_chosen(before, one, means=means)
