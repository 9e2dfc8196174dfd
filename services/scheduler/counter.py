"""What a proposed time makes of a course: the meeting is moved there, or whoever proposed it hears what would be possible."""

from services.scheduler.course_change import Before, Change, kept
from services.scheduler.means import Means
from shared.said import CounterProposal


def plan_counter(before: Before, proposal: CounterProposal, *, means: Means) -> Change:
    del proposal, means
    return Change(course=before.course, held=kept(before))
