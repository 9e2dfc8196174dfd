"""What intake does without being asked: indexes at the start, held receipts, what has had its day."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from services.intake.form.draft_store import DraftStore
from services.intake.links import Signer
from services.intake.release_receipts import release_receipts
from services.intake.store import Store
from shared.errors import DependencyDownError
from shared.programme import Programme
from shared.vault import Vault

log = structlog.get_logger(__name__)

INDEX_RETRY_SECONDS = 1.0
ROUND_SECONDS = 20.0
FORGET_ROUNDS = 180
"""Digests and old drafts are dropped once an hour."""


async def upkeep(
    *,
    store: Store,
    drafts: DraftStore,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    address_key: bytes,
    clock: Callable[[], datetime],
) -> None:
    """Work until cancelled; what is down is waited for."""
    await _make_indexes(store)
    rounds = 0
    while True:
        try:
            now = clock()
            if rounds % FORGET_ROUNDS == 0:
                unconfirmed_since = now - timedelta(days=programme.retention.unconfirmed_days)
                await store.forget_digests(now=now, unconfirmed_since=unconfirmed_since)
                await drafts.drop_old(now)
            released = await release_receipts(
                store=store, vault=vault, signer=signer, programme=programme, address_key=address_key, now=now
            )
            if released:
                log.info("receipts-released", count=released)
            rounds += 1
        except DependencyDownError as error:
            log.warning("upkeep-postponed", dependency=str(error))
        await asyncio.sleep(ROUND_SECONDS)


async def _make_indexes(store: Store) -> None:
    while True:
        try:
            await store.create_indexes()
        except DependencyDownError:
            await asyncio.sleep(INDEX_RETRY_SECONDS)
        else:
            return
