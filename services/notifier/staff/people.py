"""Opens who is behind an application's mails: the people as the notifier's view of it has them, under their own keys."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from services.notifier.course_view import COLLECTION, View
from services.notifier.keeping import open_application, open_kept
from services.notifier.staff.known import Addressee, Known, addressee_of
from services.notifier.staff.message_lists import ViewFacts, reference_of
from services.notifier.stored_message import StoredMessage
from shared.events import Person
from shared.programme import Programme
from shared.sealing import Sealed, document_place
from shared.vault import ErasedError, Vault

HALVES = ("application", "course")


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
        found[application_id, person_id] = addressee_of(person_id, person, programme)
    return references, found


async def _opened(application_id: str, half: str, blocks: Mapping[str, Sealed], vault: Vault) -> dict[str, Person]:
    found = {}
    for person_id, block in blocks.items():
        with suppress(ErasedError):
            place = document_place(COLLECTION, application_id, f"{half}.people.{person_id}")
            found[person_id] = await vault.unseal(block, Person, place=place)
    return found
