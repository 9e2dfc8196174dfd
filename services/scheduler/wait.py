"""Puts an application on the waiting list, with the number of consultants that each rule of the matcher ruled out."""

from collections import Counter

import structlog

from services.scheduler.course_event import consultants_of, course_event
from services.scheduler.give_reasons import decision_about
from services.scheduler.means import Means
from services.scheduler.outcome import Infeasible
from services.scheduler.problem import Problem
from services.scheduler.sought import Sought, write
from services.scheduler.store import course_fields
from shared.events import ApplicationWaitlisted
from shared.mongo import AlreadyThereError
from shared.outbox import PendingEvent, waiting

log = structlog.get_logger(__name__)


async def wait(sought: Sought, question: Problem, *, means: Means) -> str:
    """Put it on the list, or leave it there: "waiting", "unchanged" or "overtaken".

    People are told only when other rules stand in the way than before; another number of consultants is no news.
    """
    answer = sought.ask(question, others=True)
    verdicts = answer.others or ()
    reasons = dict(sorted(Counter(one.rule for one in verdicts if isinstance(one, Infeasible)).items()))
    stored = sought.stored
    before = stored.course if stored is not None and stored.course.state == "waiting" else None
    if before is not None and stored is not None and before.reasons == reasons and stored.seen == sought.seen:
        return "unchanged"
    told = before is not None and before.reasons.keys() == reasons.keys()
    now = means.clock()
    course = sought.undecided(before.decided_at if told and before is not None else now)
    decision = decision_about(sought, question, answer, means=means)
    course = course.model_copy(update={"reasons": reasons, "decision": decision})
    events: list[PendingEvent] = []
    if not told:
        sequence = sought.next_sequence
        consultants = await consultants_of(course, means=means)
        events = [
            await course_event(
                ApplicationWaitlisted, course, sought.opened, consultants, sequence=sequence, means=means
            )
        ]
    fields = course_fields(course, seen=sought.seen)
    try:
        document = await write(sought, fields, events, now=now, means=means)
    except AlreadyThereError:
        return "overtaken"
    if document is None:
        return "overtaken"
    means.publish_course(waiting(document))
    log.info("waiting", course=sought.course_id, reasons=reasons)
    return "waiting"
