"""Sealing what an application says about people: for its document, and again for each of its events."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.intake.links import Link, Purpose, Signer
from services.intake.record import COLLECTION, Application, Particulars
from shared import ids, trace
from shared.events import ApplicationEvent, ApplicationState, Matter, Person
from shared.outbox import PendingEvent, pending
from shared.sealing import Sealed, document_place, event_place
from shared.vault import Vault, application_key, person_key

SOURCE = "/forloeb/intake"
PARTICULARS_FIELD = "particulars"


MakeFacts = Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]
"""What an event tells beside the application, given the place for which to seal it."""


def person_field(person_id: str) -> str:
    """Where a person's block stands in the document."""
    return f"application.people.{person_id}"


MATTER_FIELD = "application.matter"


async def people_for_document(vault: Vault, application_id: str, people: Iterable[Person]) -> dict[str, Sealed]:
    """The people's blocks as the document holds them; links stand in events only."""
    return {
        person.person_id: await vault.seal(
            person,
            key_id=person_key(person.person_id),
            place=document_place(COLLECTION, application_id, person_field(person.person_id)),
        )
        for person in people
    }


async def matter_for_document(vault: Vault, application_id: str, matter: Matter) -> Sealed:
    place = document_place(COLLECTION, application_id, MATTER_FIELD)
    return await vault.seal(matter, key_id=application_key(application_id), place=place)


async def open_person(vault: Vault, state: ApplicationState, person_id: str) -> Person:
    """One person of a stored application. Raises as `Vault.unseal`, ErasedError among it."""
    place = document_place(COLLECTION, state.application_id, person_field(person_id))
    return await vault.unseal(state.people[person_id], Person, place=place)


async def open_people(vault: Vault, state: ApplicationState) -> dict[str, Person]:
    """The people of a stored application; those who were erased are left out."""
    found: dict[str, Person] = {}
    for person_id, block in state.people.items():
        place = document_place(COLLECTION, state.application_id, person_field(person_id))
        found |= await vault.unseal_known({person_id: block}, Person, place=place)
    return found


async def open_matter(vault: Vault, state: ApplicationState) -> Matter:
    """What a stored application is about. Raises as `Vault.unseal`, ErasedError among it."""
    place = document_place(COLLECTION, state.application_id, MATTER_FIELD)
    return await vault.unseal(state.matter, Matter, place=place)


async def open_particulars(vault: Vault, application: Application) -> Particulars:
    """The free texts and promises of a stored application. Raises as `Vault.unseal`, ErasedError among it."""
    place = document_place(COLLECTION, application.id, PARTICULARS_FIELD)
    return await vault.unseal(application.particulars, Particulars, place=place)


async def event_of(
    kind: type[ApplicationEvent],
    state: ApplicationState,
    *,
    people: Mapping[str, Person],
    matter: Matter,
    without_link: Iterable[str],
    epoch_of: Callable[[str], int],
    links_until: datetime,
    sequence: int,
    vault: Vault,
    signer: Signer,
    facts: MakeFacts | None = None,
    now: datetime,
) -> PendingEvent:
    """The event of a changed application, with blocks sealed for it.

    Every contact's block carries the contact's own link, except those of `without_link`, who are not to be written to.
    """
    event_id = ids.uuid7(now, os.urandom(10))
    place = event_place(state.application_id, kind.type, event_id)
    silent = frozenset(without_link)
    blocks: dict[str, Sealed] = {}
    for person_id, person in people.items():
        if person_id not in silent:
            link = Link(
                purpose=Purpose.CONTACT,
                application_id=state.application_id,
                person_id=person_id,
                epoch=epoch_of(person_id),
                expires_at=links_until,
            )
            person = person.model_copy(update={"links": {"status": signer.page(link)}})  # noqa: PLW2901 - the same person, with a link
        blocks[person_id] = await vault.seal(person, key_id=person_key(person_id), place=place)
    sealed_matter = await vault.seal(matter, key_id=application_key(state.application_id), place=place)
    return pending(
        kind.model_validate(
            {
                "application": state.model_copy(update={"people": blocks, "matter": sealed_matter}),
                **(await facts(place) if facts else {}),
            }
        ),
        event_id=event_id,
        source=SOURCE,
        subject=state.application_id,
        sequence=sequence,
        now=now,
        traceparent=trace.current(),
    )


async def next_event(
    kind: type[ApplicationEvent],
    application: Application,
    state: ApplicationState,
    *,
    without_link: Iterable[str] = (),
    links_until: datetime,
    vault: Vault,
    signer: Signer,
    facts: MakeFacts | None = None,
    now: datetime,
) -> PendingEvent:
    """The event of a stored application that changes to `state`. Raises as `Vault.unseal`."""
    return await event_of(
        kind,
        state,
        people=await open_people(vault, state),
        matter=await open_matter(vault, state),
        without_link=without_link,
        epoch_of=application.epoch_of,
        links_until=links_until,
        sequence=application.event_sequence + 1,
        vault=vault,
        signer=signer,
        facts=facts,
        now=now,
    )
