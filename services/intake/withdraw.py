"""Withdraw an application: the scheduler cancels its course, and nobody looks for one any more."""

from datetime import datetime

from services.intake import addresses
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import StateForbidsError
from services.intake.links import Link, Signer
from services.intake.opening import open_link
from services.intake.record import Application
from shared.events import ApplicationWithdrawn
from shared.programme import Programme
from shared.vault import Vault


async def withdraw(
    link: Link, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> Opened:
    """Withdraw; done twice, it is done once.

    Raises:
        LinkError: the link leads nowhere any more.
        StateForbidsError: the application was declined, or its course is completed.
        DependencyDownError: try again later.

    """

    async def read() -> Opened:
        return await open_link(link, store=store, programme=programme, now=now)

    async def plan(application: Application, course: CourseView | None) -> Change | None:
        if application.state.state == "withdrawn":
            return None
        if application.state.state == "declined" or (course is not None and course.state == "completed"):
            raise StateForbidsError
        never_confirmed = application.state.needs_confirmation and not application.state.confirmed_by
        return Change(
            state=application.state.model_copy(update={"state": "withdrawn", "withdrawn_at": now}),
            kind=ApplicationWithdrawn,
            # Addresses that nobody confirmed are not written to for this: anybody may have typed them.
            without_link=application.state.contacts if never_confirmed else (),
            addresses=addresses.closed(application.addresses),
        )

    return await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)
