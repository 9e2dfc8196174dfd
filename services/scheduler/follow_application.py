"""Acts on what intake says of an application: seeks a course once it is admitted, cancels once it is withdrawn.

The state counts, not the name of the event: a later event heals an earlier one that never came.
"""

from dataclasses import replace
from datetime import datetime

from services.scheduler.book import NOT_ITS_TURN, seek
from services.scheduler.cancel import cancel
from services.scheduler.course import Course, Request, StoredCourse
from services.scheduler.course_event import consultants_of, course_event, worded
from services.scheduler.course_plan import window_for
from services.scheduler.hear import hear
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.people import Opened, open_application, open_course, seal_for_course
from services.scheduler.sought import Sought
from services.scheduler.store import course_fields
from services.scheduler.waitlist import older_first
from services.scheduler.wording import says_otherwise
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import APPLICATIONS, ApplicationEvent, ApplicationWaitlisted, CourseEvent, CourseRebooked
from shared.metrics import SEQUENCE_GAPS
from shared.outbox import PendingEvent, change, waiting


async def follow_application(event: ApplicationEvent, envelope: Envelope, *, means: Means) -> str:
    """The outcome: "handled", "superseded" (something newer, or this, was seen before) or "ignored".

    Raises:
        DependencyDownError: something that is needed is away, or too many races were lost; try again.

    """
    for _ in range(MISSES_MAX):
        stored = await means.store.course(envelope.subject)
        if stored is not None and envelope.sequence <= stored.seen:
            return "superseded"
        outcome = await _follow(event, envelope, stored, means=means)
        if outcome not in ("overtaken", NOT_ITS_TURN):
            if stored is not None and envelope.sequence > stored.seen + 1:
                SEQUENCE_GAPS.labels(topic=APPLICATIONS).inc()
            return "handled" if outcome in ("booked", "waiting", "cancelled", "updated") else "ignored"
    raise DependencyDownError("quiet-document")


async def _follow(event: ApplicationEvent, envelope: Envelope, stored: StoredCourse | None, *, means: Means) -> str:
    application = event.application
    state = None if stored is None else stored.course.state
    if application.state in ("submitted", "declined") or state in ("cancelled", "completed"):
        # Not admitted yet; or over, and what was cancelled is never revived.
        return "ignored"
    opened = await open_application(application, envelope, vault=means.vault)
    request = Request.of(application)
    if application.state == "withdrawn":
        return await cancel(
            envelope.subject, request=request, opened=opened, seen=envelope.sequence, stored=stored, means=means
        )
    sought = Sought(
        course_id=envelope.subject,
        request=request,
        window=window_for(request, means.programme) if stored is None else stored.course.window,
        opened=opened,
        blocks=await seal_for_course(envelope.subject, opened, vault=means.vault),
        seen=envelope.sequence,
        stored=stored,
    )
    if state in ("booked", "waiting"):
        # Before the event counts as seen: what was heard of it already is known by its number.
        if stored is not None and application.said_count > stored.course.heard:
            await hear(envelope.subject, application.said, means=means)
            sought = replace(sought, stored=await means.store.course(envelope.subject))
        return await _update(sought, means=means)
    await older_first(means=means)
    return await seek(sought, means=means, openings=means.calendar.openings)


async def _update(sought: Sought, *, means: Means) -> str:
    """Something else about the application is new: keep it for later invites, and tell it where somebody reads it in the course.

    One that waits is not tried for it: its turn comes with the waiting list, where older ones go first.
    """
    if sought.stored is None:
        raise ValueError("only what is stored can be updated")
    course = sought.stored.course.model_copy(
        update={"request": sought.request, "people": sought.blocks.people, "matter": sought.blocks.matter}
    )
    now = means.clock()
    told, events = await _told_anew(
        course, sought.stored.course, sought.opened, sequence=sought.next_sequence, now=now, means=means
    )
    update = change(now=now, fields=course_fields(told, seen=sought.seen), events=events)
    document = await means.store.change_course(sought.course_id, sought.stored.version, update)
    if document is None:
        return "overtaken"
    if events:
        means.publish_course(waiting(document))
    return "updated"


async def _told_anew(
    course: Course, before: Course, opened: Opened, *, sequence: int, now: datetime, means: Means
) -> tuple[Course, list[PendingEvent]]:
    """The course with newer copies for those who read something else in them now, and its event; none where nobody does.

    Somebody with another address is always told of, on a waiting list, too: nothing that went to the old one is known there.
    """
    known = await open_course(before, vault=means.vault)
    has_moved = _has_moved(known, opened)
    if course.state != "booked" and not has_moved:
        return course, []
    # The course's own places are not the application's to tell.
    opened = opened._replace(venues=known.venues)
    consultants = await consultants_of(course, means=means)
    told = worded(course, opened, consultants, means=means, now=now) if course.state == "booked" else course
    if not says_otherwise(course, told) and not has_moved:
        return course, []
    kind: type[CourseEvent] = CourseRebooked if course.state == "booked" else ApplicationWaitlisted
    event = await course_event(kind, told, opened, consultants, sequence=sequence, means=means, told_at=now)
    return told, [event]


def _has_moved(before: Opened, after: Opened) -> bool:
    """Whether a contact has another address."""
    return any(
        person_id in after.contacts and after.contacts[person_id].mail != person.mail
        for person_id, person in before.contacts.items()
    )
