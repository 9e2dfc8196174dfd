"""Seeks a course: asks the matcher, and books all of its meetings in one guarded write, or has the application wait."""

import asyncio
import random

import structlog

from services.scheduler.claims import all_keys
from services.scheduler.course import Course
from services.scheduler.course_event import consultants_of, course_event, worded
from services.scheduler.give_reasons import decision_about
from services.scheduler.holding import changed_meanwhile, hold_plans, look_again
from services.scheduler.means import Means
from services.scheduler.new_meetings import new_meetings
from services.scheduler.outcome import Plan
from services.scheduler.plan_of_course import new_plan
from services.scheduler.problem import Problem
from services.scheduler.sought import Sought, write
from services.scheduler.store import course_fields
from services.scheduler.wait import wait
from shared import crash
from shared.errors import DependencyDownError
from shared.events import CourseBooked, Matter
from shared.mongo import AlreadyThereError
from shared.outbox import waiting

RACES_MAX = 40
"""Races that one search may lose before it is put off; each lost one teaches what somebody else has taken."""

SEEK_SECONDS_MAX = 15.0
"""A search that loses races for so long is put off. Less than a handler may take: cut off there, it would count as a fault of
the record, and an application that merely had bad luck could become a dead letter."""

NOT_ITS_TURN = "not its turn"

BACKOFF_SECONDS = 0.01
BACKOFF_SECONDS_MAX = 1.0

log = structlog.get_logger(__name__)


async def seek(sought: Sought, *, means: Means, openings: int | None = None) -> str:
    """Book the best course that can be had now, else wait: "booked", "waiting", "unchanged", "overtaken" or NOT_ITS_TURN.

    "overtaken": somebody else wrote this very document meanwhile; read it again. NOT_ITS_TURN: there are more openings
    than these, so others come first; nothing was done.

    Raises:
        DependencyDownError: something is away, or too many races were lost; nothing was booked, try again.

    """
    matter = sought.opened.matter
    if matter is None:
        return "unchanged"
    until = asyncio.get_running_loop().time() + SEEK_SECONDS_MAX
    for lost in range(RACES_MAX):
        if openings not in (None, means.calendar.openings):
            return NOT_ITS_TURN
        known = means.calendar.openings
        question = sought.question(matter, means=means)
        found = sought.ask(question)
        if found.winner is None:
            outcome = await wait(sought, question, means=means)
            if means.calendar.openings != known:
                # A place may have opened between the question and the write, when nobody saw this one waiting yet.
                means.calendar.not_offered_since(known)
                means.try_waiting()
            return outcome
        outcome = await _book(sought, question, matter, found.winner, found.second, means=means)
        if outcome != "lost":
            return outcome
        # Whoever loses steps back for a random moment: else all who lost choose the same next best, and all but one lose again.
        await asyncio.sleep(random.uniform(0, min(BACKOFF_SECONDS * 2**lost, BACKOFF_SECONDS_MAX)))  # noqa: S311 - no secret
        people = [plan.consultant for plan in (found.winner, found.second) if plan is not None]
        await look_again(people, means=means)
        log.info("race-lost", consultant=found.winner.consultant)
        if asyncio.get_running_loop().time() > until:
            break
    raise DependencyDownError("free-consultant")


async def _book(
    sought: Sought, question: Problem, matter: Matter, plan: Plan, second: Plan | None, *, means: Means
) -> str:
    """One write books everything. "lost": another course holds a half hour of it, or a last place, or an entry has changed."""
    plans = [plan, second] if second is not None else [plan]
    people = [one.consultant for one in plans]
    if await changed_meanwhile(people, means=means):
        return "lost"
    held = hold_plans(plans, calendar=means.calendar)
    if held is None:
        return "lost"
    decision = decision_about(sought, question, sought.ask(question, others=True), means=means)
    course = _course(sought, matter, plan, second, means=means).model_copy(update={"decision": decision})
    consultants = await consultants_of(course, means=means)
    gone = [one for one in people if one not in consultants]
    for one in gone:
        # Erased, or gone since the roster was read: nobody to send an invite to.
        means.calendar.drop(one)
    if gone:
        return "lost"
    course = worded(course, sought.opened, consultants, means=means, now=course.decided_at)
    sequence = sought.next_sequence
    event = await course_event(CourseBooked, course, sought.opened, consultants, sequence=sequence, means=means)
    fields = course_fields(course, seen=sought.seen, claims=all_keys(held))
    try:
        document = await write(sought, fields, [event], now=course.decided_at, means=means)
    except AlreadyThereError:
        return await _whose(sought, means=means)
    crash.reached(crash.AFTER_CLAIM)
    if document is None:
        return "overtaken"
    means.calendar.hold(sought.course_id, held)
    means.publish_course(waiting(document))
    log.info("booked", course=sought.course_id, consultant=plan.consultant, cost=plan.cost)
    return "booked"


async def _whose(sought: Sought, *, means: Means) -> str:
    """After a duplicate key: read by id first, since the holder may be this very course, booked by an attempt lost sight of."""
    current = await means.store.course(sought.course_id)
    as_known = (current and current.version) == (sought.stored and sought.stored.version)
    return "lost" if as_known else "overtaken"


def _course(sought: Sought, matter: Matter, plan: Plan, second: Plan | None, *, means: Means) -> Course:
    undecided = sought.undecided(means.clock())
    planned = new_plan(sought.request, matter, means.programme)
    meetings = new_meetings(sought, planned, plan, second, means=means)
    return undecided.model_copy(
        update={
            "state": "booked",
            "consultant_id": plan.consultant,
            "second_id": second.consultant if second is not None else None,
            "meetings": (*undecided.meetings, *meetings),
            "plan": planned,
        }
    )
