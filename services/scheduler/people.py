"""Opens and seals what is known of people: from an application's event, in a course's document, and of consultants."""

from collections.abc import Mapping
from typing import NamedTuple

from services.scheduler.course import Course
from services.scheduler.own_plan import Venues
from shared.envelope import Envelope
from shared.events import ApplicationState, Matter, Person, Workplace
from shared.mongo import Document
from shared.sealing import Sealed, document_place, event_place
from shared.vault import ErasedError, Vault, application_key, person_key

COURSES = "courses"
CONSULTANTS = "consultants"
MATTER = "matter"
VENUES = "venues"


class Opened(NamedTuple):
    """Contacts by person id, without those who were erased; `matter` is None where the application was erased.

    `venues` are the course's own places.
    """

    contacts: dict[str, Person]
    matter: Matter | None
    venues: tuple[Workplace, ...] = ()

    @property
    def places(self) -> tuple[Workplace, ...]:
        """All places that meetings count through: the application's workplaces, then the venues; none once it is erased."""
        return (*self.matter.workplaces, *self.venues) if self.matter is not None else ()


class Blocks(NamedTuple):
    """The same, sealed for a course's document."""

    people: dict[str, Sealed]
    matter: Sealed | None


async def open_application(application: ApplicationState, envelope: Envelope, *, vault: Vault) -> Opened:
    """What an application's event says of people. Raises as `Vault.unseal`, but for erased people."""
    place = event_place(envelope.subject, envelope.type, envelope.id)
    contacts = await vault.unseal_known(application.people, Person, place=place)
    try:
        return Opened(contacts, await vault.unseal(application.matter, Matter, place=place))
    except ErasedError:
        return Opened(contacts, None)


async def open_course(course: Course, *, vault: Vault) -> Opened:
    """What a course's document holds of people. Raises as `Vault.unseal`, but for erased people."""
    contacts: dict[str, Person] = {}
    for person_id, block in course.people.items():
        try:
            place = document_place(COURSES, course.application_id, person_id)
            contacts[person_id] = await vault.unseal(block, Person, place=place)
        except ErasedError:
            continue
    if course.matter is None:
        return Opened(contacts, None)
    try:
        place = document_place(COURSES, course.application_id, MATTER)
        matter = await vault.unseal(course.matter, Matter, place=place)
        if course.venues is None:
            return Opened(contacts, matter)
        place = document_place(COURSES, course.application_id, VENUES)
        return Opened(contacts, matter, (await vault.unseal(course.venues, Venues, place=place)).places)
    except ErasedError:
        return Opened(contacts, None)


async def seal_venues(course_id: str, venues: tuple[Workplace, ...], *, vault: Vault) -> Sealed | None:
    """The block of a course's own places, for its document; none for no places, or once the application is erased."""
    if not venues:
        return None
    place = document_place(COURSES, course_id, VENUES)
    try:
        return await vault.seal(Venues(places=venues), key_id=application_key(course_id), place=place)
    except ErasedError:
        return None


async def seal_for_course(course_id: str, opened: Opened, *, vault: Vault) -> Blocks:
    """The blocks of a course's document; who is erased just now is left out."""
    people: dict[str, Sealed] = {}
    for person_id, person in opened.contacts.items():
        try:
            place = document_place(COURSES, course_id, person_id)
            people[person_id] = await vault.seal(person, key_id=person_key(person_id), place=place)
        except ErasedError:
            continue
    if opened.matter is None:
        return Blocks(people, None)
    place = document_place(COURSES, course_id, MATTER)
    return Blocks(people, await vault.seal(opened.matter, key_id=application_key(course_id), place=place))


async def seal_for_event(people: Mapping[str, Person], *, place: tuple[str, ...], vault: Vault) -> dict[str, Sealed]:
    """One block per person, under her own key; who is erased is left out."""
    blocks: dict[str, Sealed] = {}
    for person_id, person in people.items():
        try:
            blocks[person_id] = await vault.seal(person, key_id=person_key(person_id), place=place)
        except ErasedError:
            continue
    return blocks


async def open_consultant(document: Document, *, vault: Vault) -> Person:
    """Who a consultant of the roster is.

    Raises:
        ErasedError: nobody may know any more.

    """
    place = document_place(CONSULTANTS, document["_id"], "person")
    return await vault.unseal(Sealed.model_validate(document["person"]), Person, place=place)
