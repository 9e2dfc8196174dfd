"""Puts a course's meetings back to the wall times that people agreed to, under today's rules: all of the course, or nothing."""

from uuid import UUID

from services.scheduler.booked_question import after, ask_about
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.guarded_change import Done, Noted, UnknownCourseError, change_course
from services.scheduler.history import HistoryEntry, extended
from services.scheduler.know_people import know_people
from services.scheduler.means import SOURCE, Means
from services.scheduler.places import as_booked
from services.scheduler.rebook import rebooked
from services.scheduler.time_zones.off_wall import off_wall
from shared import ids, trace
from shared.outbox import pending
from shared.staff.audit import audit
from shared.staff.staff import Staff

FOLLOWED = "course.clock_followed"
SKIPPED = "skipped"
"""Today's rules leave out the wall time of one of its meetings: somebody has to move that by hand first."""


async def follow_clock(course_id: str, *, staff: Staff, means: Means) -> str:
    """Return "moved", or why not, as a code: `skipped`, `unknown`, or one of `Impossible` ("nobody": another course is in the way).

    Each meeting whose instant changes gets a higher SEQUENCE and a newer DTSTAMP; the claims go with it.
    Raises as `change_course`.
    """

    async def plan(before: Before) -> Change | Impossible:
        found = list(off_wall([before.course], before.now))
        if not found:
            return Impossible("unchanged")
        if any(one.today is None for one in found):
            return Impossible(SKIPPED)
        await know_people(before.course, means=means)
        asked = ask_about(before, before.course, means=means)
        if isinstance(asked, Impossible):
            return asked
        if not {before.course.consultant_id, before.course.second_id or before.course.consultant_id} <= {
            one.id for one in asked.problem.consultants
        }:
            return Impossible("consultant")
        known = as_booked(asked.problem, asked.booked, after(before.now))
        return rebooked(before, before.course, known, means=means, cause="clock_rules")

    async def note(before: Before, planned: Change) -> Noted:
        return _noted(before, planned, staff=staff, means=means)

    try:
        outcome = await change_course(course_id, plan, note=note, means=means)
    except UnknownCourseError:
        return "unknown"
    return "moved" if isinstance(outcome, Done) else outcome.code


def _noted(before: Before, planned: Change, *, staff: Staff, means: Means) -> Noted:
    course, now = planned.course, before.now
    entry = HistoryEntry(
        entry_id=str(UUID(bytes=means.random(16), version=4)), at=now, account=staff.account, act=FOLLOWED
    )
    acts = before.course.acts + 1
    event = pending(
        audit(staff=staff, service="scheduler", act=FOLLOWED, aggregate_id=course.application_id, now=now),
        event_id=ids.uuid7(now, means.random(10)),
        source=SOURCE,
        subject=course.application_id,
        sequence=acts,
        now=now,
        traceparent=trace.current(),
    )
    return Noted(course.model_copy(update={"history": extended(course.history, entry), "acts": acts}), [event])
