"""Makes the event of a course: its state in clear, the people with their invites sealed, each under her own key."""

from services.scheduler.course import Course
from services.scheduler.course_invites import with_invites
from services.scheduler.means import SOURCE, Means
from services.scheduler.people import Opened, open_consultant, seal_for_event
from shared import ids, trace
from shared.events import CourseEvent, CourseState, Meeting, Person
from shared.outbox import PendingEvent, pending
from shared.sealing import Sealed, event_place
from shared.vault import ErasedError, application_key


async def consultant_of(course: Course, *, means: Means) -> Person | None:
    """Who leads the course; None where it has no consultant, or she was erased."""
    if course.consultant_id is None:
        return None
    document = await means.store.consultant(course.consultant_id)
    try:
        return None if document is None else await open_consultant(document, vault=means.vault)
    except ErasedError:
        return None


async def course_event(
    kind: type[CourseEvent],
    course: Course,
    opened: Opened,
    consultant: Person | None,
    *,
    sequence: int,
    means: Means,
) -> PendingEvent:
    """The event ready for the outbox, told at the course's `decided_at`. Raises as `Vault.seal`, but for erased people."""
    event_id = ids.uuid7(course.decided_at, means.random(10))
    place = event_place(course.application_id, kind.type, event_id)
    people = {**opened.contacts, **({consultant.person_id: consultant} if consultant is not None else {})}
    invited = with_invites(
        course,
        people,
        workplaces=opened.matter.workplaces if opened.matter is not None else (),
        programme=means.programme,
        reply_key=means.reply_key,
    )
    state = CourseState(
        application_id=course.application_id,
        reference=course.request.reference,
        programme=course.request.programme,
        kind=course.request.kind,
        state=course.state,
        earliest=course.window.earliest,
        latest=course.window.latest,
        consultant_id=course.consultant_id,
        meetings=tuple(Meeting.model_validate(meeting.model_dump()) for meeting in course.meetings),
        reasons=course.reasons,
        decided_at=course.decided_at,
        contacts=course.request.contacts,
        people=await seal_for_event(invited, place=place, vault=means.vault),
        matter=await _sealed_matter(course.application_id, opened, place=place, means=means),
    )
    return pending(
        kind(course=state),
        event_id=event_id,
        source=SOURCE,
        subject=course.application_id,
        sequence=sequence,
        now=course.decided_at,
        traceparent=trace.current(),
    )


async def _sealed_matter(course_id: str, opened: Opened, *, place: tuple[str, ...], means: Means) -> Sealed:
    """The matter; where the application was erased, an empty block under its erased key: readers learn why by themselves."""
    key_id = application_key(course_id)
    if opened.matter is not None:
        try:
            return await means.vault.seal(opened.matter, key_id=key_id, place=place)
        except ErasedError:
            pass
    return Sealed(key_id=key_id, nonce="", box="")
