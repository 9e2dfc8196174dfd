"""Admit or decline an application that waits for a coordinator: decision, event and audit are one write."""

import os
from datetime import datetime

from services.intake import addresses, blocks
from services.intake.confirm import WRITES_MAX, Store
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Signer
from services.intake.opening import links_until
from services.intake.record import COLLECTION, Application, admitted, is_confirmed
from services.intake.review.decision import Choice, Decision, Note
from shared import ids, trace
from shared.errors import DependencyDownError
from shared.events import ApplicationAdmitted, ApplicationDeclined, ApplicationState
from shared.outbox import PendingEvent, pending
from shared.programme import Programme
from shared.sealing import Sealed, document_place
from shared.staff.audit import audit
from shared.staff.staff import Staff
from shared.vault import ErasedError, Vault, application_key

NOTE_FIELD = "decision.note"


async def decide(
    application_id: str,
    choice: Choice,
    *,
    staff: Staff,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> Application:
    """Decide; the same decision made twice is made once.

    Raises:
        LinkError: there is no such application, or it was erased.
        StateForbidsError: it does not wait for a decision: not confirmed yet, withdrawn, or decided otherwise.
        DependencyDownError: try again later.

    """
    for _ in range(WRITES_MAX):
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        if application.state.state == choice.outcome:
            return application
        if not awaits_decision(application.state):
            raise StateForbidsError
        state = _decided(application.state, choice, now)
        kind = ApplicationAdmitted if choice.outcome == "admitted" else ApplicationDeclined
        silent = [one for one in state.contacts if not is_confirmed(state, one)] if choice.outcome == "declined" else []
        try:
            note = await _sealed(choice.note, application_id, vault=vault)
            event = await blocks.next_event(
                kind,
                application,
                state,
                without_link=silent,
                links_until=links_until(state.submitted_at, programme),
                vault=vault,
                signer=signer,
                now=now,
            )
        except ErasedError:
            raise LinkError from None
        acted = _acted(staff, application_id, choice, now)
        after = await store.change(
            application,
            state=state,
            unmailed=(),
            addresses=addresses.closed(application.addresses),
            # The application's own event last: its number is the document's.
            events=(acted, event),
            decision=Decision(
                outcome=choice.outcome, account=staff.account, decided_at=now, ground=choice.ground, note=note
            ),
            now=now,
        )
        if after is not None:
            return after
    raise DependencyDownError("database")


def awaits_decision(state: ApplicationState) -> bool:
    """Whether a coordinator may decide: it was submitted, and somebody has confirmed it where that is asked for."""
    return state.state == "submitted" and (not state.needs_confirmation or bool(state.confirmed_by))


def _decided(state: ApplicationState, choice: Choice, now: datetime) -> ApplicationState:
    if choice.outcome == "admitted":
        return admitted(state, now=now)
    return state.model_copy(update={"state": "declined", "declined_at": now, "declined_ground": choice.ground})


def _acted(staff: Staff, application_id: str, choice: Choice, now: datetime) -> PendingEvent:
    """Each application is decided once: the first event of its stream."""
    return pending(
        audit(staff=staff, service="intake", act=f"application.{choice.outcome}", aggregate_id=application_id, now=now),
        event_id=ids.uuid7(now, os.urandom(10)),
        source=blocks.SOURCE,
        subject=application_id,
        sequence=1,
        now=now,
        traceparent=trace.current(),
    )


async def _sealed(note: str, application_id: str, *, vault: Vault) -> Sealed | None:
    if not note:
        return None
    place = document_place(COLLECTION, application_id, NOTE_FIELD)
    return await vault.seal(Note(text=note), key_id=application_key(application_id), place=place)
