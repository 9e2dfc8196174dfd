"""Confirm an application from a contact's own link: the address is real, so a course may be sought."""

from datetime import datetime
from typing import Protocol

from services.intake import addresses, blocks
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Link, Purpose, Signer
from services.intake.opening import Applications, links_until, open_link
from services.intake.record import Application, IssuedLinks, admitted
from services.intake.review.decision import Decision
from shared.errors import DependencyDownError
from shared.events import ApplicationAdmitted, ApplicationState
from shared.outbox import PendingEvent
from shared.programme import Programme
from shared.vault import ErasedError, Vault

WRITES_MAX = 10
"""Tries to change an application that others change at the same time."""


class Store(Applications, Protocol):
    async def change(
        self,
        before: Application,
        *,
        state: ApplicationState,
        unmailed: tuple[str, ...],
        addresses: tuple[str, ...],
        events: tuple[PendingEvent, ...] = (),
        links: IssuedLinks | None = None,
        decision: Decision | None = None,
        now: datetime,
    ) -> Application | None:
        """Change it and tell of it in one write; None: somebody else was faster."""


async def confirm(
    link: Link, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> tuple[Application, CourseView | None]:
    """Note that this contact has confirmed; the first confirmation admits the application. Done twice, it is done once.

    Raises:
        LinkError: the link is no contact's, or leads nowhere any more.
        StateForbidsError: the application was withdrawn or declined.
        DependencyDownError: try again later.

    """
    if link.purpose is not Purpose.CONTACT:
        raise LinkError
    for _ in range(WRITES_MAX):
        application, course = await open_link(link, store=store, programme=programme, now=now)
        state = application.state
        if state.state in ("withdrawn", "declined"):
            raise StateForbidsError
        if link.person_id in state.confirmed_by:
            return application, course
        state = state.model_copy(update={"confirmed_by": (*state.confirmed_by, link.person_id)})
        events: tuple[PendingEvent, ...] = ()
        if state.state == "submitted" and programme.admission == "immediate":
            state = admitted(state, now=now)
            try:
                events = (
                    await blocks.next_event(
                        ApplicationAdmitted,
                        application,
                        state,
                        links_until=links_until(state.submitted_at, programme),
                        vault=vault,
                        signer=signer,
                        now=now,
                    ),
                )
            except ErasedError:
                raise LinkError from None
        after = await store.change(
            application,
            state=state,
            unmailed=(),
            addresses=addresses.closed(application.addresses),
            events=events,
            now=now,
        )
        if after is not None:
            return after, course
    raise DependencyDownError("database")
