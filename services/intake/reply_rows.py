"""Finds whom and what an answer is about: from a reply address or a UID to the meeting, the person, and what is known of both."""

from datetime import timedelta
from typing import Final, Protocol

from services.intake.course_view import CourseView
from services.intake.imip.row import Row
from services.intake.record import Application
from shared.events import ApplicationState, Meeting, Person
from shared.said import CalendarAnswer
from shared.vault import ErasedError, Vault

ANSWERS_TAKEN_AFTER: Final = timedelta(days=30)
"""So long after a meeting's end its reply addresses are good."""


class Store(Protocol):
    async def application(self, application_id: str) -> Application | None:
        """The application of this id."""

    async def course_of_reply_id(self, reply_id: str) -> tuple[str, CourseView] | None:
        """The id of the application and the course with the meeting that this reply address is of."""

    async def course_of_uid(self, uid: str) -> tuple[str, CourseView] | None:
        """The same for the UID of a meeting."""


async def row_of_reply_id(reply_id: str, *, store: Store, vault: Vault) -> Row | None:
    """The row of a reply address, by its random half in hexadecimal; None: no course that is known here has it.

    Raises as `Vault.unseal`, but for erased people: their rows have no address, and are revoked.
    """
    found = await store.course_of_reply_id(reply_id)
    application = await store.application(found[0]) if found else None
    if found is None or application is None:
        return None
    course = found[1]
    for meeting in course.meetings:
        for person_id, known in meeting.reply_ids.items():
            if known == reply_id:
                return await _row(application, course, meeting, person_id, vault=vault)
    return None


async def rows_of_uid(uid: str, *, store: Store, vault: Vault) -> list[Row]:
    """A row for everybody who has, or had, an invite to the meeting of this UID. Raises as `row_of_reply_id`."""
    found = await store.course_of_uid(uid)
    application = await store.application(found[0]) if found else None
    if found is None or application is None:
        return []
    course = found[1]
    return [
        await _row(application, course, meeting, person_id, vault=vault)
        for meeting in course.meetings
        if meeting.uid == uid
        for person_id in meeting.reply_ids
    ]


async def _row(application: Application, course: CourseView, meeting: Meeting, person_id: str, *, vault: Vault) -> Row:
    address = await _address(application.id, course, person_id, vault=vault)
    is_contact = person_id in application.state.contacts
    return Row(
        application_id=application.id,
        meeting_id=meeting.meeting_id,
        person_id=person_id,
        function="contact" if is_contact else "consultant",
        uid=meeting.uid,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        start=meeting.start,
        status=meeting.status,
        address=address,
        aliases=tuple(one.digest for one in application.aliases if one.person_id == person_id),
        revoked=not address or meeting.status == "cancelled" or person_id not in meeting.attendees,
        ended_until=meeting.start + timedelta(minutes=meeting.minutes) + ANSWERS_TAKEN_AFTER,
        last_contact_to_decline=is_contact and others_decline(application.state, course, meeting, person_id),
        stands_declined=stands_declined(application.state, course, meeting, person_id),
    )


def others_decline(state: ApplicationState, course: CourseView, meeting: Meeting, person_id: str) -> bool:
    """Whether this contact's decline would be the last one: all other contacts who are invited have declined as it is now.

    What the application has said already counts, whether or not the scheduler has heard it.
    """
    others = [one for one in state.contacts if one in meeting.attendees and one != person_id]
    return all(_declines(state, course, meeting, one) for one in others)


def stands_declined(state: ApplicationState, course: CourseView, meeting: Meeting, person_id: str) -> bool:
    """Whether a yes of this person would take back a no: a consultant's own, or that of all contacts together."""
    is_contact = person_id in state.contacts
    others = not is_contact or others_decline(state, course, meeting, person_id)
    return others and _declines(state, course, meeting, person_id)


def _declines(state: ApplicationState, course: CourseView, meeting: Meeting, person_id: str) -> bool:
    heard = course.answer(meeting, person_id)
    said = (one for one in state.said if isinstance(one, CalendarAnswer))
    hers = [
        one
        for one in (*said, *((heard,) if heard else ()))
        if (one.meeting_id, one.person_id) == (meeting.meeting_id, person_id) and one.sequence >= meeting.sequence
    ]
    newest = max(hers, key=lambda one: (one.sequence, one.dtstamp, one.at), default=None)
    return newest is not None and newest.partstat == "DECLINED"


async def _address(application_id: str, course: CourseView, person_id: str, *, vault: Vault) -> str:
    """The registered address, in lower case; empty for whoever was erased, or is told of no more."""
    block = course.people.get(person_id)
    if block is None:
        return ""
    try:
        person = await vault.unseal(block, Person, place=course.place(application_id))
    except ErasedError:
        return ""
    return person.mail.lower()
