"""Admit or decline an application that waits for a coordinator: decision, event and audit are one write."""

from datetime import datetime

from services.intake import addresses
from services.intake.acted import acted
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Signer
from services.intake.record import COLLECTION, Application, admitted, is_confirmed
from services.intake.review.decision import Choice, Decision, Note
from shared.events import ApplicationAdmitted, ApplicationDeclined, ApplicationState
from shared.programme import Programme
from shared.sealing import Sealed, document_place
from shared.staff.staff import Staff
from shared.vault import Vault, application_key

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

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        return application, None

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        state = application.state
        if state.state == choice.outcome:
            return None
        if not awaits_decision(state):
            raise StateForbidsError
        declined = choice.outcome == "declined"
        note = await _sealed(choice.note, application_id, vault=vault)
        return Change(
            state=_decided(state, choice, now),
            kind=ApplicationDeclined if declined else ApplicationAdmitted,
            without_link=[one for one in state.contacts if not is_confirmed(state, one)] if declined else (),
            addresses=addresses.closed(application.addresses),
            audit=(acted(staff, f"application.{choice.outcome}", application, now=now),),
            decision=Decision(
                outcome=choice.outcome, account=staff.account, decided_at=now, ground=choice.ground, note=note
            ),
        )

    application, _ = await change_application(
        read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now
    )
    return application


def awaits_decision(state: ApplicationState) -> bool:
    """Whether a coordinator may decide: it was submitted, and somebody has confirmed it where that is asked for."""
    return state.state == "submitted" and (not state.needs_confirmation or bool(state.confirmed_by))


def _decided(state: ApplicationState, choice: Choice, now: datetime) -> ApplicationState:
    if choice.outcome == "admitted":
        return admitted(state, now=now)
    return state.model_copy(update={"state": "declined", "declined_at": now, "declined_ground": choice.ground})


async def _sealed(note: str, application_id: str, *, vault: Vault) -> Sealed | None:
    if not note:
        return None
    place = document_place(COLLECTION, application_id, NOTE_FIELD)
    return await vault.seal(Note(text=note), key_id=application_key(application_id), place=place)
