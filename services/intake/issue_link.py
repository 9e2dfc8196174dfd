"""Send new links for an application to its own contacts: from then on every older link is void."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from services.intake import addresses, blocks, change_application
from services.intake.links import Signer
from services.intake.opening import links_good_until, links_until
from services.intake.record import Application, IssuedLinks, is_confirmed
from services.intake.reference_number import read_reference
from shared.address_digest import digest
from shared.errors import DependencyDownError
from shared.events import LinkIssued
from shared.mongo import AlreadyThereError
from shared.programme import Programme
from shared.vault import ErasedError, Vault

ISSUED_PER_DAY_MAX: Final = 3
DAY: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


class Store(change_application.Store, Protocol):
    async def application_by_reference(self, reference: str) -> Application | None:
        """The application with this reference number."""

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which address entries others hold."""


async def issue_link(
    typed: str, *, store: Store, vault: Vault, signer: Signer, programme: Programme, address_key: bytes, now: datetime
) -> None:
    """Issue links for the reference number that somebody typed; who asked must not be able to tell whether that happened.

    Old links stay good where nobody can be written to now, and when enough were issued within a day.

    Raises:
        DependencyDownError: try again later.

    """
    reference = read_reference(programme.reference_prefix, typed)
    if reference is None:
        return
    for _ in range(change_application.WRITES_MAX):
        application = await store.application_by_reference(reference)
        if application is None:
            return
        course = await store.course(application.id)
        recent = tuple(at for at in application.links_issued if now - at < DAY)
        if len(recent) >= ISSUED_PER_DAY_MAX or links_good_until(application.state, course, programme) <= now:
            return
        try:
            done = await _issue(
                application,
                issued_at=(*recent, now),
                store=store,
                vault=vault,
                signer=signer,
                programme=programme,
                address_key=address_key,
                now=now,
            )
        except AlreadyThereError:
            # Another application has just taken an address's place of today.
            continue
        except ErasedError:
            return
        if done:
            return
    raise DependencyDownError("database")


async def _issue(
    application: Application,
    *,
    issued_at: tuple[datetime, ...],
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    address_key: bytes,
    now: datetime,
) -> bool:
    """False: somebody else changed the application meanwhile."""
    state = application.state
    people = await blocks.open_people(vault, state)
    limited = {
        person_id: digest(person.mail, key=address_key)
        for person_id, person in people.items()
        if not is_confirmed(state, person_id) and person_id not in application.unmailed
    }
    per_day_max = programme.mail.unconfirmed_per_day_max
    wanted = addresses.candidates(limited.values(), now=now, per_day_max=per_day_max)
    taken = await store.taken_entries(wanted, besides=application.id) if limited else set()
    places = addresses.take_one_more(limited, taken={*taken, *application.addresses}, now=now, per_day_max=per_day_max)
    silent = {*places.unmailed, *application.unmailed}
    if people.keys() <= silent:
        return True
    renewed = replace(application, epoch=application.epoch + 1)
    event = await blocks.next_event(
        LinkIssued,
        renewed,
        state,
        without_link=silent,
        links_until=links_until(state.submitted_at, programme),
        vault=vault,
        signer=signer,
        now=now,
    )
    after = await store.change(
        application,
        state=state,
        unmailed=application.unmailed,
        addresses=(*application.addresses, *places.entries),
        events=(event,),
        links=IssuedLinks(epoch=renewed.epoch, issued_at=issued_at),
        now=now,
    )
    if after is not None:
        log.info("links-issued", application_id=application.id)
    return after is not None
