"""Withdraw an application: the scheduler cancels its course, and nobody looks for one any more."""

from datetime import datetime

from services.intake import addresses, blocks
from services.intake.confirm import WRITES_MAX, Store
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Link, Signer
from services.intake.opening import links_until, open_link
from services.intake.record import Application
from shared.errors import DependencyDownError
from shared.events import ApplicationWithdrawn
from shared.programme import Programme
from shared.vault import ErasedError, Vault


async def withdraw(
    link: Link, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> tuple[Application, CourseView | None]:
    """Withdraw; done twice, it is done once.

    Raises:
        LinkError: the link leads nowhere any more.
        StateForbidsError: the application was declined, or its course is completed.
        DependencyDownError: try again later.

    """
    for _ in range(WRITES_MAX):
        application, course = await open_link(link, store=store, programme=programme, now=now)
        if application.state.state == "withdrawn":
            return application, course
        if application.state.state == "declined" or (course is not None and course.state == "completed"):
            raise StateForbidsError
        never_confirmed = application.state.needs_confirmation and not application.state.confirmed_by
        state = application.state.model_copy(update={"state": "withdrawn", "withdrawn_at": now})
        try:
            event = await blocks.next_event(
                ApplicationWithdrawn,
                application,
                state,
                # Addresses that nobody confirmed are not written to for this: anybody may have typed them.
                without_link=state.contacts if never_confirmed else (),
                links_until=links_until(state.submitted_at, programme),
                vault=vault,
                signer=signer,
                now=now,
            )
        except ErasedError:
            raise LinkError from None
        after = await store.change(
            application,
            state=state,
            unmailed=(),
            addresses=addresses.closed(application.addresses),
            events=(event,),
            now=now,
        )
        if after is not None:
            return after, course
    raise DependencyDownError("database")
