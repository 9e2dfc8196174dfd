"""Seeks a course: asks the matcher, and books all of its meetings in one guarded write, or has the application wait."""

import asyncio
import random
from uuid import UUID

import structlog

from services.scheduler.address_token import RANDOM_BYTES
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_event import consultant_of, course_event
from services.scheduler.course_plan import meetings_of
from services.scheduler.grains import capacity_key
from services.scheduler.invite import next_dtstamp
from services.scheduler.matching import match
from services.scheduler.means import Means
from services.scheduler.outcome import Plan
from services.scheduler.sought import Sought, write
from services.scheduler.store import course_fields
from services.scheduler.wait import wait
from shared import crash
from shared.errors import DependencyDownError
from shared.events import CourseBooked, Matter
from shared.mongo import AlreadyThereError
from shared.outbox import waiting
from shared.programme_meetings import hosts_of

RACES_MAX = 40
"""Races that one search may lose before it is put off; each lost one teaches what somebody else has taken."""

SEEK_SECONDS_MAX = 15.0
"""A search that loses races for so long is put off. Less than a handler may take: cut off there, it would count as a fault of
the record, and an application that merely had bad luck could become a dead letter."""

BACKOFF_SECONDS = 0.01
BACKOFF_SECONDS_MAX = 1.0

log = structlog.get_logger(__name__)


async def seek(sought: Sought, *, means: Means) -> str:
    """Book the best course that can be had now, else wait: "booked", "waiting", "unchanged" or "overtaken".

    "overtaken": somebody else wrote this very document meanwhile; read it again.

    Raises:
        DependencyDownError: something is away, or too many races were lost; nothing was booked, try again.

    """
    matter = sought.opened.matter
    if matter is None:
        return "unchanged"
    until = asyncio.get_running_loop().time() + SEEK_SECONDS_MAX
    for lost in range(RACES_MAX):
        openings = means.calendar.openings
        question = sought.question(matter, means=means)
        plan = match(question).winner
        if plan is None:
            outcome = await wait(sought, question, means=means)
            if means.calendar.openings != openings:
                # A place may have opened between the question and the write, when nobody saw this one waiting yet.
                means.try_waiting()
            return outcome
        outcome = await _book(sought, matter, plan, means=means)
        if outcome != "lost":
            return outcome
        # Whoever loses steps back for a random moment: else all who lost choose the same next best, and all but one lose again.
        await asyncio.sleep(random.uniform(0, min(BACKOFF_SECONDS * 2**lost, BACKOFF_SECONDS_MAX)))  # noqa: S311 - no secret
        held = await means.store.held(plan.consultant)
        openings = means.calendar.openings
        means.calendar.replace_held(plan.consultant, held.get(plan.consultant, {}))
        if means.calendar.openings != openings:
            # Another process let a course of hers go: this may be the only sight of it.
            means.try_waiting()
        log.info("race-lost", consultant=plan.consultant)
        if asyncio.get_running_loop().time() > until:
            break
    raise DependencyDownError("free-consultant")


async def _book(sought: Sought, matter: Matter, plan: Plan, *, means: Means) -> str:
    """One write books everything. "lost": another course holds a half hour of it, or her last place, or her entry has changed."""
    if await _changed_meanwhile(plan.consultant, means=means):
        return "lost"
    place = means.calendar.free_place(plan.consultant)
    if place is None:
        return "lost"
    claims = [*plan.claims(), capacity_key(plan.consultant, place)]
    course = _course(sought, matter, plan, means=means)
    consultant = await consultant_of(course, means=means)
    if consultant is None:
        # Erased, or gone since the roster was read: nobody to send an invite to.
        means.calendar.drop(plan.consultant)
        return "lost"
    sequence = sought.next_sequence
    event = await course_event(CourseBooked, course, sought.opened, consultant, sequence=sequence, means=means)
    fields = course_fields(course, seen=sought.seen, claims=claims)
    try:
        document = await write(sought, fields, [event], now=course.decided_at, means=means, remove=["waiting_since"])
    except AlreadyThereError:
        return await _whose(sought, means=means)
    crash.reached(crash.AFTER_CLAIM)
    if document is None:
        return "overtaken"
    means.calendar.hold(plan.consultant, sought.course_id, claims)
    means.publish_course(waiting(document))
    log.info("booked", course=sought.course_id, consultant=plan.consultant, cost=plan.cost)
    return "booked"


async def _changed_meanwhile(consultant_id: str, *, means: Means) -> bool:
    """Whether another process knows of leave, limits or busy times that this one has not seen: the index guards claims only."""
    if means.calendar.put_busy(consultant_id, await means.store.calendars.busy_of(consultant_id)):
        return True
    facts = await means.store.facts_of(consultant_id)
    if facts is None or facts == means.calendar.facts_of(consultant_id):
        return False
    means.calendar.put(consultant_id, facts)
    return True


async def _whose(sought: Sought, *, means: Means) -> str:
    """After a duplicate key: read by id first, since the holder may be this very course, booked by an attempt lost sight of."""
    current = await means.store.course(sought.course_id)
    as_known = (current and current.version) == (sought.stored and sought.stored.version)
    return "lost" if as_known else "overtaken"


def _course(sought: Sought, matter: Matter, plan: Plan, *, means: Means) -> Course:
    """The course with its meetings: each gets its UID for life, and a reply token per person."""
    now = means.clock()
    invited = [*sought.opened.contacts, plan.consultant]
    meetings = []
    planned_meetings = meetings_of(sought.request, means.programme)
    hosts = hosts_of(planned_meetings, len(matter.workplaces))
    for planned, host, placed in zip(planned_meetings, hosts, plan.meetings, strict=True):
        meeting_id = str(UUID(bytes=means.random(16), version=4))
        meetings.append(
            BookedMeeting(
                meeting_id=meeting_id,
                code=planned.code,
                place=planned.place,
                workplace=host,
                minutes=planned.minutes,
                start=placed.starts_at,
                wall_start=placed.wall,
                zone=means.programme.zone,
                uid=f"{meeting_id}@{means.programme.sender.domain}",
                sequence=0,
                dtstamp=next_dtstamp(now, None),
                status="confirmed",
                name=planned.name,
                tokens={person_id: means.random(RANDOM_BYTES).hex() for person_id in invited},
            )
        )
    return sought.undecided(now).model_copy(
        update={"state": "booked", "consultant_id": plan.consultant, "meetings": tuple(meetings)}
    )
