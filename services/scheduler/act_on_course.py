"""Staff do something to a course: planned on what is known now, written under version and claims, with reason and audit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog

from services.scheduler.acts import DONE, Act, Order, facts_of
from services.scheduler.cancel_by_staff import plan_cancel
from services.scheduler.claims import all_keys
from services.scheduler.course import Course, StoredCourse
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.course_event import consultants_of, course_event
from services.scheduler.history import Given, HistoryEntry, extended, reason_place
from services.scheduler.holding import changed_meanwhile, look_again
from services.scheduler.means import MISSES_MAX, SOURCE, Means
from services.scheduler.move_meeting import plan_move
from services.scheduler.people import open_course
from services.scheduler.pin import plan_exclude, plan_include, plan_pin, plan_unpin
from services.scheduler.planned_mails import digest_of, mails_of
from services.scheduler.put_back import plan_extend_window, plan_put_back, plan_try_again
from services.scheduler.store import absent_marks, course_fields
from shared import ids, trace
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError
from shared.outbox import PendingEvent, change, pending, waiting
from shared.sealing import Sealed
from shared.staff.audit import audit
from shared.staff.staff import Staff
from shared.vault import ErasedError, application_key

Plan = Callable[..., Change | Impossible]
_PLANS: Final[dict[str, Plan]] = {
    "pin": plan_pin,
    "unpin": plan_unpin,
    "exclude": plan_exclude,
    "include": plan_include,
    "move": plan_move,
    "put_back": plan_put_back,
    "try_again": plan_try_again,
    "cancel": plan_cancel,
    "extend_window": plan_extend_window,
}

log = structlog.get_logger(__name__)


class UnknownCourseError(LookupError):
    """There is no course of that id."""


@dataclass(frozen=True, slots=True)
class Done:
    """The course as it is now, and its version."""

    course: Course
    version: int


async def act_on_course(course_id: str, order: Order, *, staff: Staff, means: Means) -> Done | Impossible:
    """Do it, or say why not; nothing is ever half done.

    Raises:
        UnknownCourseError: there is no such course.
        DependencyDownError: something is away, or others kept changing the same; nothing was done, or it was and says so when
            repeated ("unchanged").

    """
    taken = False
    for _ in range(MISSES_MAX):
        before = await read_before(course_id, means=means)
        if order.version is not None and order.version != before.stored.version:
            return Impossible("stale")
        planned = plan_act(before, order.act, means=means)
        if isinstance(planned, Impossible):
            return planned
        if order.mails is not None and digest_of(await mails_of(before, planned, means=means)) != order.mails:
            return Impossible("stale")
        if await changed_meanwhile(planned.relies_on, means=means):
            continue
        try:
            document = await _write(before, planned, order, staff=staff, means=means)
        except AlreadyThereError:
            taken = True
            await look_again(planned.relies_on, means=means)
            continue
        if document is None:
            # Changed by somebody else, or whoever should take over was erased.
            continue
        means.calendar.hold(course_id, planned.held)
        means.publish_course(waiting(document))
        if planned.course.state == "waiting":
            # It may be possible now; what it let go may help others anyhow.
            means.calendar.opened()
        means.try_waiting()
        return Done(StoredCourse.of(document).course, document["version"])
    if taken:
        # Not a race but for good: say, her way has become longer since, and at another meeting that stays she has no time for it.
        return Impossible("nobody")
    raise DependencyDownError("quiet-document")


async def read_before(course_id: str, *, means: Means) -> Before:
    """A course as an act finds it now.

    Raises:
        UnknownCourseError: there is no such course.

    """
    stored = await means.store.course(course_id)
    if stored is None:
        raise UnknownCourseError(course_id)
    return Before(
        stored=stored,
        opened=await open_course(stored.course, vault=means.vault),
        claims=await means.store.claims(course_id),
        now=means.clock(),
    )


def plan_act(before: Before, act: Act, *, means: Means) -> Change | Impossible:
    """What it would make of the course. Nothing is written, and nobody is told."""
    if before.course.state not in ("booked", "waiting"):
        return Impossible("state")
    if before.course.state == "booked" and not before.course.is_to_come(before.now):
        return Impossible("begun")
    return _PLANS[act.kind](before, act, means=means)


async def _write(before: Before, planned: Change, order: Order, *, staff: Staff, means: Means) -> dict[str, Any] | None:
    course_id, now = before.course.application_id, before.now
    entry_id = str(UUID(bytes=means.random(16), version=4))
    entry = HistoryEntry(
        entry_id=entry_id,
        at=now,
        account=staff.account,
        act=DONE[order.act.kind],
        facts=_facts(before.course, order.act),
        reason=await _sealed(order.reason, course_id, entry_id, means=means),
    )
    acts = before.course.acts + 1
    course = planned.course.model_copy(update={"history": extended(planned.course.history, entry), "acts": acts})
    # The course's own event last: its number is the document's.
    events = [_acted(staff, entry, course_id, number=acts, means=means)]
    if planned.kind is not None:
        consultants = await consultants_of(course, means=means)
        gone = [one for one in planned.relies_on if one not in consultants]
        for one in gone:
            # Nobody to send an invite to; the next plan is made without her.
            means.calendar.drop(one)
        if gone:
            return None
        sequence = before.stored.event_sequence + 1
        events.append(
            await course_event(planned.kind, course, before.opened, consultants, sequence=sequence, means=means)
        )
    fields = course_fields(course, seen=before.stored.seen, claims=all_keys(planned.held))
    update = change(now=now, fields=fields, events=events, remove=absent_marks(fields))
    return await means.store.change_course(course_id, before.stored.version, update)


def _facts(course: Course, act: Act) -> dict[str, str]:
    """The act's values; of a moved meeting also its code, and from where it went."""
    facts = facts_of(act)
    moved = next((one for one in course.sittings if one.meeting_id == facts.get("meeting")), None)
    return facts if moved is None else {**facts, "code": moved.code, "from": moved.wall_start}


async def _sealed(reason: str, course_id: str, entry_id: str, *, means: Means) -> Sealed | None:
    try:
        place = reason_place(course_id, entry_id)
        return await means.vault.seal(Given(reason=reason), key_id=application_key(course_id), place=place)
    except ErasedError:
        return None


def _acted(staff: Staff, entry: HistoryEntry, course_id: str, *, number: int, means: Means) -> PendingEvent:
    return pending(
        audit(staff=staff, service="scheduler", act=entry.act, aggregate_id=course_id, now=entry.at),
        event_id=ids.uuid7(entry.at, means.random(10)),
        source=SOURCE,
        subject=course_id,
        sequence=number,
        now=entry.at,
        traceparent=trace.current(),
    )
