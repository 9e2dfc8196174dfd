"""The decision about a sought course, as it is stored with it: asks the matcher for all verdicts, and explains them."""

import time

from services.scheduler.decision import Decision
from services.scheduler.explain import Effort, explain
from services.scheduler.means import Means
from services.scheduler.outcome import Result
from services.scheduler.problem import Problem
from services.scheduler.sought import Sought


def decision_about(sought: Sought, question: Problem, answer: Result, *, means: Means) -> Decision:
    """Why the matcher answers as it does; `answer` was given with all others.

    Within a bounded time: what takes longer is worked out when it is asked for.
    """
    matter = sought.opened.matter
    return explain(
        question,
        answer,
        widen=None if matter is None else lambda days: sought.question(matter, means=means, wider_days=days),
        only=sought.only,
        effort=Effort(seconds=time.perf_counter),
    )
