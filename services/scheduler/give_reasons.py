"""The decision about a sought course, as it is stored with it: asks the matcher for all verdicts, and explains them."""

import structlog

from services.scheduler.decision import Decision
from services.scheduler.explain import CHANGES_MAX, CHANGES_SECONDS_MAX, Effort, explain
from services.scheduler.means import Means
from services.scheduler.outcome import Result
from services.scheduler.problem import Problem
from services.scheduler.sought import Sought

log = structlog.get_logger(__name__)


def decision_about(sought: Sought, question: Problem, answer: Result, *, means: Means) -> Decision | None:
    """Why the matcher answers as it does; `answer` was given with all others. None where that cannot be explained.

    What alone would have changed it is worked out within a bounded time, and not at all in a rush of applications: it
    can be asked for later.
    """
    matter, leisure = sought.opened.matter, means.leisure
    left = leisure.left()
    began = leisure.seconds()
    try:
        return explain(
            question,
            answer,
            widen=None if matter is None else lambda days: sought.question(matter, means=means, wider_days=days),
            only=sought.only,
            effort=Effort(
                seconds=leisure.seconds,
                changes_max=CHANGES_MAX if left else 0,
                changes_seconds_max=min(left, CHANGES_SECONDS_MAX),
            ),
        )
    except Exception:
        # A course is not lost, nor does anybody wait for ever, because nobody can say why somebody else was not chosen.
        log.exception("not-explained", course=sought.course_id)
        return None
    finally:
        if left:
            leisure.spend(leisure.seconds() - began)
