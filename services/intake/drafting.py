"""A new application before it is stored: its ids and keys, its sealed blocks, its places at addresses, its events."""

import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake import addresses, blocks
from services.intake.application import ApplicationForm
from services.intake.idempotency import RequestMark
from services.intake.links import Signer
from services.intake.opening import links_until
from services.intake.record import (
    COLLECTION,
    Application,
    admitted,
    matter_of,
    particulars_of,
    people_of,
    role_of,
    state_of,
)
from services.intake.reference_number import RANDOM_BYTES_MIN, reference_number
from shared import ids
from shared.address_digest import digest
from shared.events import ApplicationAdmitted, ApplicationEvent, ApplicationState, ApplicationSubmitted, Matter, Person
from shared.outbox import PendingEvent
from shared.programme import Programme
from shared.sealing import document_place
from shared.vault import Vault, application_key, person_key

CreateKeys = Callable[[Sequence[str]], Awaitable[None]]
"""Makes the keys of these ids; may do so together with those of other requests."""


@dataclass(frozen=True, kw_only=True)
class Content:
    people: tuple[Person, ...]
    matter: Matter
    digests: dict[str, str]


async def draft_of(
    form: ApplicationForm,
    *,
    request: RequestMark | None,
    trusted: bool,
    programme: Programme,
    vault: Vault,
    create_keys: CreateKeys,
    address_key: bytes,
    now: datetime,
) -> tuple[Content, Application]:
    application_id = ids.uuid7(now, os.urandom(10))
    contacts = form.people()
    person_ids = tuple(ids.uuid7(now, os.urandom(10)) for _ in contacts)
    people = people_of(form, person_ids)
    matter = matter_of(form)
    # The keys come first: a crash between leaves unused keys, never blocks that nobody can open.
    await create_keys([application_key(application_id), *(person_key(person_id) for person_id in person_ids)])
    state = state_of(
        form,
        application_id=application_id,
        reference=fresh_reference(programme),
        programme=programme,
        contacts=person_ids,
        people=await blocks.people_for_document(vault, application_id, people),
        matter=await blocks.matter_for_document(vault, application_id, matter),
        trusted=trusted,
        now=now,
    )
    roles = {person_id: role_of(contact) for person_id, (_, contact) in zip(person_ids, contacts, strict=True)}
    particulars = await vault.seal(
        particulars_of(form, roles),
        key_id=application_key(application_id),
        place=document_place(COLLECTION, application_id, blocks.PARTICULARS_FIELD),
    )
    digests = {person.person_id: digest(person.mail, key=address_key) for person in people}
    return (
        Content(people=people, matter=matter, digests=digests),
        Application(state=state, particulars=particulars, request=request),
    )


def fresh_reference(programme: Programme) -> str:
    return reference_number(programme.reference_prefix, os.urandom(RANDOM_BYTES_MIN))


def with_places(
    draft: Application, content: Content, taken: Collection[str], programme: Programme, now: datetime
) -> Application:
    places = addresses.take(content.digests, taken=taken, now=now, per_day_max=programme.mail.unconfirmed_per_day_max)
    return replace(draft, addresses=places.entries, unmailed=places.unmailed)


async def events_of(
    application: Application,
    content: Content,
    *,
    admit: bool,
    programme: Programme,
    vault: Vault,
    signer: Signer,
    now: datetime,
) -> list[PendingEvent]:
    people = {person.person_id: person for person in content.people}
    states: list[tuple[type[ApplicationEvent], ApplicationState]] = [(ApplicationSubmitted, application.state)]
    if admit:
        states.append((ApplicationAdmitted, admitted(application.state, now=now)))
    return [
        await blocks.event_of(
            kind,
            state,
            people=people,
            matter=content.matter,
            without_link=application.unmailed,
            epoch_of=application.epoch_of,
            links_until=links_until(application.state.submitted_at, programme),
            sequence=number,
            vault=vault,
            signer=signer,
            now=now,
        )
        for number, (kind, state) in enumerate(states, start=1)
    ]
