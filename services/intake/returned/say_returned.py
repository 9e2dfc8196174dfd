"""Put into an application that a mail about it came back: numbered, once for each mail and action, told in the same write."""

from datetime import datetime
from typing import Final, Literal

from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.errors import LinkError
from services.intake.links import Signer
from services.intake.record import Application
from services.intake.returned.report import Action
from shared.events import ApplicationState, MailReturned, ReturnedMail
from shared.programme import Programme
from shared.vault import Vault

RETURNED_KEPT_MAX: Final = 20
"""An application's events tell the newest of what came back: enough to heal an event that was lost."""
RETURNED_MAX: Final = 1_000
"""Of one application. Older ones are not known again, so whoever got more mails than that could report them in turns, endlessly."""

Outcome = Literal["said", "known", "gone"]


async def say_returned(
    application_id: str,
    message_id: str,
    *,
    action: Action,
    status: str | None,
    at: datetime,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> Outcome:
    """Say that a mail failed or is late; `at` is when the report came.

    "known": that was said before, or worse, or too much was. "gone": the application is erased or was never here.

    Raises:
        DependencyDownError: try again later; it may or may not have been said.

    """
    outcome: Outcome = "known"

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        return application, None

    async def plan(application: Application, _course: object) -> Change | None:
        nonlocal outcome
        state = application.state
        if is_known(state, message_id, action) or state.returned_count >= RETURNED_MAX:
            outcome = "known"
            return None
        outcome = "said"
        number = state.returned_count + 1
        newest = ReturnedMail(number=number, message_id=message_id, action=action, status=status, at=at)
        returned = (*state.returned, newest)[-RETURNED_KEPT_MAX:]
        return Change(
            state=state.model_copy(update={"returned": returned, "returned_count": number}),
            kind=MailReturned,
            without_link=application.unmailed,
            unmailed=application.unmailed,
            addresses=application.addresses,
        )

    try:
        await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)
    except LinkError:
        return "gone"
    return outcome


def is_known(state: ApplicationState, message_id: str, action: Action) -> bool:
    """Whether this says nothing new: said before, or that a mail is late of which it was said that it failed."""
    said = {one.action for one in state.returned if one.message_id == message_id}
    return action in said or "failed" in said
