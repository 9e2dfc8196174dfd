"""Write to the contacts who could not be written to at first, as soon as their addresses have a free place again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.intake import addresses, blocks, change_application
from services.intake.links import Signer
from services.intake.opening import links_until
from services.intake.record import Application
from shared.address_digest import digest
from shared.events import ApplicationSubmitted
from shared.mongo import AlreadyThereError
from shared.programme import Programme
from shared.sealing import SealBrokenError
from shared.vault import ErasedError, KeyMissingError, Vault

log = structlog.get_logger(__name__)


class Store(change_application.Store, Protocol):
    async def unmailed(self, *, since: datetime, now: datetime) -> list[Application]:
        """Some applications with contacts who have not been written to yet, each time others."""

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which address entries others hold."""


async def release_receipts(
    *, store: Store, vault: Vault, signer: Signer, programme: Programme, address_key: bytes, now: datetime
) -> int:
    """Announce each waiting application again, with links for the contacts who now have a place. Answers how many.

    The repeated ApplicationSubmitted carries the current state; who has been written to before is not written to again.
    """
    since = now - timedelta(days=programme.retention.unconfirmed_days)
    released = 0
    for application in await store.unmailed(since=since, now=now):
        try:
            released += await _release(
                application,
                store=store,
                vault=vault,
                signer=signer,
                programme=programme,
                address_key=address_key,
                now=now,
            )
        except (AlreadyThereError, ErasedError):
            # Somebody else took the place first, or the application is being erased: the next round sees.
            continue
        except (KeyMissingError, SealBrokenError) as error:
            # One that cannot be opened must not keep the others from being released, nor end the process.
            log.error("receipt-not-released", application_id=application.id, error=type(error).__name__)  # noqa: TRY400 - no texts
    return released


async def _release(
    application: Application,
    *,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    address_key: bytes,
    now: datetime,
) -> int:
    per_day_max = programme.mail.unconfirmed_per_day_max
    people = await blocks.open_people(vault, application.state)
    waiting = {
        person_id: digest(people[person_id].mail, key=address_key)
        for person_id in application.unmailed
        if person_id in people
    }
    wanted = addresses.candidates(waiting.values(), now=now, per_day_max=per_day_max)
    taken = await store.taken_entries(wanted, besides=application.id)
    places = addresses.take(waiting, taken=taken, now=now, per_day_max=per_day_max)
    if not places.entries:
        return 0
    event = await blocks.next_event(
        ApplicationSubmitted,
        application,
        application.state,
        without_link=places.unmailed,
        links_until=links_until(application.state.submitted_at, programme),
        vault=vault,
        signer=signer,
        now=now,
    )
    after = await store.change(
        application,
        state=application.state,
        unmailed=places.unmailed,
        addresses=(*application.addresses, *places.entries),
        events=(event,),
        now=now,
    )
    return int(after is not None)
