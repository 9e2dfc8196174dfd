"""Makes the event of a course: its state in clear, the people with their invites sealed, each under her own key."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_invites import with_invites
from services.scheduler.means import SOURCE, Means
from services.scheduler.people import Opened, open_consultant, seal_for_event
from services.scheduler.wording import with_wording
from shared import ids, trace
from shared.events import CourseEvent, CourseState, Meeting, Person
from shared.outbox import PendingEvent, pending
from shared.sealing import Sealed, event_place
from shared.vault import ErasedError, application_key


async def consultants_of(course: Course, *, means: Means) -> dict[str, Person]:
    """By id: who leads the course, and whoever else has or had an invite. Without those who were erased."""
    found: dict[str, Person] = {}
    for consultant_id in course.consultants():
        document = await means.store.consultant(consultant_id)
        if document is not None:
            with suppress(ErasedError):
                found[consultant_id] = await open_consultant(document, vault=means.vault)
    return found


def worded(course: Course, opened: Opened, consultants: Mapping[str, Person], *, means: Means, now: datetime) -> Course:
    """The course as it must be stored with its next event: whoever's copies say something new gets newer ones."""
    return with_wording(
        course,
        {**opened.contacts, **consultants},
        places=opened.places,
        programme=means.programme,
        key=means.reply_key,
        now=now,
    )


async def course_event(
    kind: type[CourseEvent],
    course: Course,
    opened: Opened,
    consultants: Mapping[str, Person],
    *,
    sequence: int,
    means: Means,
    told_at: datetime | None = None,
) -> PendingEvent:
    """The event ready for the outbox, told at an instant, or at the course's `decided_at` where that is new.

    Raises as `Vault.seal`, but for erased people.
    """
    now = told_at or course.decided_at
    event_id = ids.uuid7(now, means.random(10))
    place = event_place(course.application_id, kind.type, event_id)
    pages = means.plan_signer.addresses(course)
    led = {
        who: person.model_copy(update={"links": {"plan": pages[who]}}) if who in pages else person
        for who, person in consultants.items()
    }
    invited = with_invites(
        course,
        {**opened.contacts, **led},
        workplaces=opened.places,
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
        second_id=course.second_id,
        cancelled_by=course.cancelled_by,
        held=course.held,
        meetings=tuple(_told(meeting) for meeting in course.meetings),
        reasons=course.reasons,
        answers=course.answers,
        cause=course.cause,
        stall=course.stall,
        offer=course.offer,
        declined_counters=tuple(one.told() for one in course.declined_counters),
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
        now=now,
        traceparent=trace.current(),
    )


def _told(meeting: BookedMeeting) -> Meeting:
    """The meeting as events tell it: of the tokens, who has one and its random half."""
    attendees = tuple(one for one in meeting.tokens if meeting.status == "confirmed" and meeting.attends(one))
    values = meeting.model_dump(exclude={"name", "tokens", "uninvited", "worded"})
    return Meeting.model_validate(
        {**values, "label": meeting.name.model_dump(), "reply_ids": meeting.tokens, "attendees": attendees}
    )


async def _sealed_matter(course_id: str, opened: Opened, *, place: tuple[str, ...], means: Means) -> Sealed:
    """The matter, the course's own places after the workplaces.

    Where the application was erased, an empty block under its erased key: readers learn why by themselves.
    """
    key_id = application_key(course_id)
    if opened.matter is not None:
        try:
            matter = opened.matter.model_copy(update={"workplaces": opened.places})
            return await means.vault.seal(matter, key_id=key_id, place=place)
        except ErasedError:
            pass
    return Sealed(key_id=key_id, nonce="", box="")
