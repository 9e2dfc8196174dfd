"""The one way in which a course that exists is changed: planned on what is known now, written under version and claims, told.

Whoever wants a change hands in what plans it; where others changed the same meanwhile, it is planned anew.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.scheduler.answers import still_answered
from services.scheduler.claims import Held, all_keys
from services.scheduler.course import Course, StoredCourse
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.course_event import consultants_of, course_event, worded
from services.scheduler.holding import changed_meanwhile, look_again
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.people import open_course, seal_venues
from services.scheduler.standing import settled, with_offered, without_offered
from services.scheduler.store import absent_marks, course_fields
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError
from shared.outbox import PendingEvent, change, waiting


class UnknownCourseError(LookupError):
    """There is no course of that id."""


@dataclass(frozen=True, slots=True)
class Done:
    """The course as it is now, and its version."""

    course: Course
    version: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A planned course with what is noted in it about the change, and events of other streams that go out before its own."""

    course: Course
    events: Sequence[PendingEvent] = ()


Plan = Callable[[Before], Awaitable[Change | Impossible]]
Note = Callable[[Before, Change], Awaitable[Noted]]


async def change_course(course_id: str, plan: Plan, *, note: Note | None = None, means: Means) -> Done | Impossible:
    """Change it as `plan` says, or answer why not; nothing is ever half done.

    Raises:
        UnknownCourseError: there is no such course.
        DependencyDownError: something is away, or others kept changing the same; nothing was done, or it was.

    """
    taken = False
    for _ in range(MISSES_MAX):
        before = await read_before(course_id, means=means)
        planned = await plan(before)
        if isinstance(planned, Impossible):
            return planned
        if await changed_meanwhile(planned.relies_on, means=means):
            continue
        noted = Noted(planned.course) if note is None else await note(before, planned)
        noted = replace(noted, course=_settled(before, noted.course))
        held = with_offered(planned.held, noted.course)
        try:
            document = await _write(before, planned, noted, held, means=means)
        except AlreadyThereError:
            taken = True
            await look_again(planned.relies_on, means=means)
            continue
        if document is None:
            # Changed by somebody else, or whoever should take over was erased.
            continue
        means.publish_course(waiting(document))
        _tell_what_opened(before, planned, held, by_staff=note is not None, means=means)
        return Done(StoredCourse.of(document).course, document["version"])
    if taken:
        # Not a race but for good: say, her way has become longer since, and at another meeting that stays she has no time for it.
        return Impossible("nobody")
    raise DependencyDownError("quiet-document")


async def read_before(course_id: str, *, means: Means) -> Before:
    """A course as a change finds it now.

    Raises:
        UnknownCourseError: there is no such course.

    """
    stored = await means.store.course(course_id)
    if stored is None:
        raise UnknownCourseError(course_id)
    return Before(
        stored=stored,
        opened=await open_course(stored.course, vault=means.vault),
        claims=without_offered(await means.store.claims(course_id), stored.course),
        now=means.clock(),
    )


def _settled(before: Before, course: Course) -> Course:
    """What was said of meetings outlives the change only where they are what it was said about."""
    answers = still_answered(course.answers, before.course.meetings, course.meetings)
    return settled(before.course, course.model_copy(update={"answers": answers}), now=before.now)


def _tell_what_opened(before: Before, planned: Change, held: Held, *, by_staff: bool, means: Means) -> None:
    """Those who wait are tried again where the change may help one of them; hundreds of answers do not make hundreds of passes."""
    means.calendar.hold(before.course.application_id, held)
    let_go = {*before.claims, *before.course.offered}.difference(all_keys(held))
    # One that waits may be possible now; what another one let go may help others, also where this process did not know of it.
    if let_go or (planned.course.state == "waiting" and (by_staff or planned.kind is not None)):
        means.calendar.opened()
        means.try_waiting()
    elif by_staff:
        means.try_waiting()


async def _write(before: Before, planned: Change, noted: Noted, held: Held, *, means: Means) -> dict[str, Any] | None:
    course_id, course, opened = before.course.application_id, noted.course, before.opened
    if planned.venues is not None:
        opened = opened._replace(venues=planned.venues)
        venues = await seal_venues(course_id, planned.venues, vault=means.vault)
        course = course.model_copy(update={"venues": venues})
    # The course's own event last: its number is the document's.
    events = [*noted.events]
    if planned.kind is not None:
        consultants = await consultants_of(course, means=means)
        gone = [one for one in planned.relies_on if one not in consultants]
        for one in gone:
            # Nobody to send an invite to; the next plan is made without her.
            means.calendar.drop(one)
        if gone:
            return None
        course = worded(course, opened, consultants, means=means, now=before.now)
        sequence = before.stored.event_sequence + 1
        events.append(
            await course_event(
                planned.kind, course, opened, consultants, sequence=sequence, means=means, told_at=before.now
            )
        )
    seen = before.stored.seen if planned.seen is None else planned.seen
    fields = course_fields(course, seen=seen, claims=all_keys(held))
    update = change(now=before.now, fields=fields, events=events, remove=absent_marks(fields))
    return await means.store.change_course(course_id, before.stored.version, update)
