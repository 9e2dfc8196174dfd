"""Confirm an application from a contact's own link: the address is real, so a course may be sought."""

from datetime import datetime

from services.intake import addresses
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Link, Purpose, Signer
from services.intake.opening import open_link
from services.intake.record import Application, admitted
from shared.events import ApplicationAdmitted
from shared.programme import Programme
from shared.vault import Vault


async def confirm(
    link: Link, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> Opened:
    """Note that this contact has confirmed; the first confirmation admits the application. Done twice, it is done once.

    Raises:
        LinkError: the link is no contact's, or leads nowhere any more.
        StateForbidsError: the application was withdrawn or declined.
        DependencyDownError: try again later.

    """
    if link.purpose is not Purpose.CONTACT:
        raise LinkError

    async def read() -> Opened:
        return await open_link(link, store=store, programme=programme, now=now)

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        state = application.state
        if state.state in ("withdrawn", "declined"):
            raise StateForbidsError
        if link.person_id in state.confirmed_by:
            return None
        state = state.model_copy(update={"confirmed_by": (*state.confirmed_by, link.person_id)})
        admits = state.state == "submitted" and programme.admission == "immediate"
        return Change(
            state=admitted(state, now=now) if admits else state,
            kind=ApplicationAdmitted if admits else None,
            # Once it is admitted, nobody has to wait for a place any more; until then whoever waits is not forgotten.
            unmailed=() if admits else application.unmailed,
            addresses=addresses.closed(application.addresses),
        )

    return await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)
