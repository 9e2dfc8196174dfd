"""Staff do something to a course: planned on what is known now, written under version and claims, with reason and audit."""

from collections.abc import Callable
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from services.scheduler.acts import DONE, Act, DeclineCounter, Order, TakeCounter, facts_of
from services.scheduler.cancel_by_staff import plan_cancel
from services.scheduler.close_link import plan_close_link
from services.scheduler.counter import counter_facts, open_counter
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.guarded_change import Done, Noted, change_course
from services.scheduler.history import Given, HistoryEntry, extended, reason_place
from services.scheduler.means import SOURCE, Means
from services.scheduler.move_meeting import plan_move
from services.scheduler.pin import plan_exclude, plan_include, plan_pin, plan_unpin
from services.scheduler.planned_mails import digest_of, mails_of
from services.scheduler.put_back import plan_extend_window, plan_put_back, plan_try_again
from services.scheduler.staff_on_counters import plan_decline_counter, plan_take_counter
from services.scheduler.standing import sitting
from services.scheduler.tailoring.plan_tailor import plan_tailor
from shared import ids, trace
from shared.outbox import PendingEvent, pending
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
    "tailor": plan_tailor,
    "close_link": plan_close_link,
    "put_back": plan_put_back,
    "try_again": plan_try_again,
    "cancel": plan_cancel,
    "extend_window": plan_extend_window,
    "take_counter": plan_take_counter,
    "decline_counter": plan_decline_counter,
}

log = structlog.get_logger(__name__)


async def act_on_course(course_id: str, order: Order, *, staff: Staff, means: Means) -> Done | Impossible:
    """Do it, or say why not; nothing is ever half done.

    Raises:
        UnknownCourseError: there is no such course.
        DependencyDownError: something is away, or others kept changing the same; nothing was done, or it was and says so when
            repeated ("unchanged").

    """

    async def plan(before: Before) -> Change | Impossible:
        if order.version is not None and order.version != before.stored.version:
            return Impossible("stale")
        if staff.role == "consultant" and staff.account not in (before.course.consultant_id, before.course.second_id):
            # Somebody else has taken it over since she opened her page.
            return Impossible("stale")
        planned = plan_act(before, order.act, means=means)
        if isinstance(planned, Impossible) or order.mails is None:
            return planned
        mails = await mails_of(before, planned, means=means)
        return planned if digest_of(mails) == order.mails else Impossible("stale")

    async def note(before: Before, planned: Change) -> Noted:
        return await _noted(before, planned, order, staff=staff, means=means)

    return await change_course(course_id, plan, note=note, means=means)


def plan_act(before: Before, act: Act, *, means: Means) -> Change | Impossible:
    """What it would make of the course. Nothing is written, and nobody is told."""
    if before.course.state not in ("booked", "waiting"):
        return Impossible("state")
    if before.course.state == "booked" and not before.course.is_to_come(before.now):
        return Impossible("begun")
    return _PLANS[act.kind](before, act, means=means)


async def _noted(before: Before, planned: Change, order: Order, *, staff: Staff, means: Means) -> Noted:
    """The act with its reason in the course's history, and in the audit."""
    course_id, now = before.course.application_id, before.now
    entry_id = str(UUID(bytes=means.random(16), version=4))
    entry = HistoryEntry(
        entry_id=entry_id,
        at=now,
        account=staff.account,
        act=DONE[order.act.kind],
        facts=_facts(before.course, order.act, staff),
        reason=await _sealed(order.reason, course_id, entry_id, means=means),
    )
    acts = before.course.acts + 1
    course = planned.course.model_copy(update={"history": extended(planned.course.history, entry), "acts": acts})
    return Noted(course, [_acted(staff, entry, course_id, number=acts, means=means)])


def _facts(course: Course, act: Act, staff: Staff) -> dict[str, str]:
    """The act's values; of a moved meeting also its code, and from where it went; and whether a consultant did it."""
    facts = facts_of(act) | ({"role": staff.role} if staff.role == "consultant" else {})
    proposal = open_counter(course, act.number) if isinstance(act, TakeCounter | DeclineCounter) else None
    meeting = sitting(course, proposal.meeting_id) if proposal else None
    if proposal is not None and meeting is not None:
        wall = f"{proposal.start.astimezone(ZoneInfo(meeting.zone)):%Y-%m-%dT%H:%M}"
        return facts | counter_facts(proposal, meeting, wall)
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
