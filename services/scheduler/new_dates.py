"""Other dates for a meeting: the best few are held for a choice, and the chosen one is taken."""

from services.scheduler.course_change import Before, Change, kept
from services.scheduler.means import Means
from shared.said import DateChosen, DatesAsked


def plan_offer(before: Before, asked: DatesAsked, *, means: Means) -> Change:
    del asked, means
    return Change(course=before.course, held=kept(before))


def plan_chosen(before: Before, chosen: DateChosen, *, means: Means) -> Change:
    del chosen, means
    return Change(course=before.course, held=kept(before))
