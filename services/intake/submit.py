"""Take an application in: seal what is about people, and store it with its events in one write."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.intake import addresses
from services.intake.application import ApplicationForm
from services.intake.drafting import Content, CreateKeys, draft_of, events_of, fresh_reference, with_places
from services.intake.errors import KeyReusedError
from services.intake.idempotency import RequestMark
from services.intake.links import Signer
from services.intake.record import Application, admitted
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError
from shared.outbox import PendingEvent
from shared.programme import Programme
from shared.vault import Vault

WRITES_MAX = 8
"""Tries to store an application whose reference or address entries turn out to be taken."""


class Store(Protocol):
    async def insert(self, application: Application, events: Sequence[PendingEvent], *, now: datetime) -> None:
        """Store it with its events, or raise AlreadyThereError."""

    async def application(self, application_id: str) -> Application | None:
        """The application of this id."""

    async def application_by_request(self, request_key: str) -> Application | None:
        """The application that was sent with this Idempotency-Key."""

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which address entries others hold."""

    async def forget_request(self, application_id: str) -> None:
        """Drop what is kept of the request that made this application."""


async def submit(
    form: ApplicationForm,
    *,
    request: RequestMark | None,
    trusted: bool,
    programme: Programme,
    vault: Vault,
    create_keys: CreateKeys,
    store: Store,
    signer: Signer,
    address_key: bytes,
    now: datetime,
) -> Application:
    """Store the application, or find the one that the same request has made before.

    A trusted caller's application needs no confirmation: it is admitted in the same write, unless people decide first.

    Raises:
        KeyReusedError: the Idempotency-Key came with another body before.
        DependencyDownError: the database does not answer; the application may or may not be stored.

    """
    if request and (earlier := await _earlier(request, store=store, now=now)):
        return earlier
    content, draft = await draft_of(
        form,
        request=request,
        trusted=trusted,
        programme=programme,
        vault=vault,
        create_keys=create_keys,
        address_key=address_key,
        now=now,
    )
    admit = trusted and programme.admission == "immediate"
    taken: set[str] = set()
    for _ in range(WRITES_MAX):
        application = draft if trusted else with_places(draft, content, taken, programme, now)
        events = await events_of(
            application, content, admit=admit, programme=programme, vault=vault, signer=signer, now=now
        )
        if admit:
            application = replace(application, state=admitted(application.state, now=now))
        try:
            await store.insert(application, events, now=now)
        except AlreadyThereError as error:
            if stored := await store.application(application.id):
                # It was this very write: its answer was lost, and the driver sent it again.
                return stored
            draft, taken = await _after_clash(error, draft, content, store=store, programme=programme, now=now)
            if request and (earlier := await _earlier(request, store=store, now=now)):
                return earlier
        else:
            return application
    raise DependencyDownError("database")


async def _earlier(request: RequestMark, *, store: Store, now: datetime) -> Application | None:
    found = await store.application_by_request(request.key)
    if found is None or found.request is None:
        return None
    if found.request.until <= now:
        await store.forget_request(found.id)
        return None
    if found.request.body != request.body:
        raise KeyReusedError
    return found


async def _after_clash(
    error: AlreadyThereError,
    draft: Application,
    content: Content,
    *,
    store: Store,
    programme: Programme,
    now: datetime,
) -> tuple[Application, set[str]]:
    """Look at what was taken, so that the next try goes round it."""
    if "reference" in error.index_fields:
        draft = replace(draft, state=draft.state.model_copy(update={"reference": fresh_reference(programme)}))
    wanted = addresses.candidates(content.digests.values(), now=now, per_day_max=programme.mail.unconfirmed_per_day_max)
    return draft, await store.taken_entries(wanted)
