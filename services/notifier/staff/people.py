"""Opens who is behind an application's mails: the people as the notifier's view of it has them, under their own keys."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.notifier.course_view import COLLECTION, View
from services.notifier.keeping import open_application, open_kept
from services.notifier.planned import COORDINATORS
from services.notifier.staff.message_lists import ViewFacts, reference_of
from services.notifier.stored_message import StoredMessage
from services.notifier.timed.due import planned_of
from services.notifier.timed.facts import materials_of
from services.notifier.timed.timed_mail import TimedMail
from shared.events import Matter, Person
from shared.programme import Programme
from shared.sealing import Sealed, document_place
from shared.vault import ErasedError, Vault

HALVES = ("application", "course")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a mail goes to; empty where the person was erased, or is not known."""

    person_id: str
    function: str = ""
    name: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the view knows of an application. `in_course` are the same people with their calendar objects."""

    view: View
    reference: str
    people: Mapping[str, Person]
    in_course: Mapping[str, Person]
    matter: Matter | None

    def addressee(self, person_id: str, programme: Programme) -> Addressee:
        return _addressee(person_id, self.people.get(person_id), programme)

    def coming(self, programme: Programme, now: datetime) -> list[TimedMail]:
        """What still goes out at its time, the first due first; materials only where its themes have some."""
        mails = planned_of(self.view, programme, now)
        has_materials = any(one.kind == "materials" for one in mails) and materials_of(self.matter, programme)
        return [one for one in mails if one.kind != "materials" or has_materials]

    def links(self, person_id: str) -> frozenset[str]:
        """The links that the person holds by now."""
        holders = (self.people.get(person_id), self.in_course.get(person_id))
        return frozenset(link for one in holders if one for link in one.links.values())


async def known_of(view: View, *, vault: Vault) -> Known:
    """Everybody who can be opened. What the application says of a person goes before what the course says. Raises as `Vault.unseal`."""
    applying = await open_application(view.application, vault=vault) if view.application else {}
    in_course, matter = await open_kept(view.course, vault=vault) if view.course else ({}, None)
    state = view.application or view.course
    return Known(
        view=view,
        reference=state.reference if state else "",
        people={**in_course, **applying},
        in_course=in_course,
        matter=matter,
    )


async def addressees(
    messages: Iterable[StoredMessage], *, facts: ViewFacts, vault: Vault, programme: Programme
) -> tuple[dict[str, str], dict[tuple[str, str], Addressee]]:
    """Of some messages: reference numbers by application, and whom each goes to by application and person."""
    chosen = list(messages)
    rows = await facts.blocks(chosen)
    references: dict[str, str] = {}
    found: dict[tuple[str, str], Addressee] = {}
    for application_id, person_id in {(one.application_id, one.person_id) for one in chosen}:
        row = rows.get(application_id, {})
        references[application_id] = reference_of(row)
        person: Person | None = None
        for half in HALVES:
            block = ((row.get(half) or {}).get("people") or {}).get(person_id)
            if person is None and block is not None:
                sealed = {person_id: Sealed.model_validate(block)}
                person = (await _opened(application_id, half, sealed, vault)).get(person_id)
        found[application_id, person_id] = _addressee(person_id, person, programme)
    return references, found


async def _opened(application_id: str, half: str, blocks: Mapping[str, Sealed], vault: Vault) -> dict[str, Person]:
    found = {}
    for person_id, block in blocks.items():
        with suppress(ErasedError):
            place = document_place(COLLECTION, application_id, f"{half}.people.{person_id}")
            found[person_id] = await vault.unseal(block, Person, place=place)
    return found


def _addressee(person_id: str, person: Person | None, programme: Programme) -> Addressee:
    if person_id == COORDINATORS:
        mail = programme.coordinators.mail if programme.coordinators else ""
        return Addressee(person_id, function=COORDINATORS, mail=mail)
    if person is None:
        return Addressee(person_id)
    return Addressee(person_id, function=person.function, name=person.name, mail=person.mail)
