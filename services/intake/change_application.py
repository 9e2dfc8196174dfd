"""The one way in which an application that exists is changed: read, planned, written under its version, told in the same write.

Whoever wants a change hands in what plans it; where somebody else was faster, it is planned anew on what is there now.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from services.intake import blocks
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.held.held_answer import Held
from services.intake.links import Signer
from services.intake.new_address.changed import ChangedAddresses
from services.intake.opening import Applications, links_until
from services.intake.record import Alias, Application, IssuedLinks, SaidBy
from services.intake.review.decision import Decision
from shared.errors import DependencyDownError
from shared.events import ApplicationEvent, ApplicationState
from shared.outbox import PendingEvent
from shared.programme import Programme
from shared.vault import ErasedError, Vault

WRITES_MAX: Final = 30
"""Tries to change an application that others change at the same time; in each round one of them gets through."""

Opened = tuple[Application, CourseView | None]


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
        said_by: tuple[SaidBy, ...] | None = None,
        held: tuple[Held, ...] | None = None,
        aliases: tuple[Alias, ...] | None = None,
        changed_addresses: ChangedAddresses | None = None,
        now: datetime,
    ) -> Application | None:
        """Change it and tell of it in one write; None: somebody else was faster."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of an application. `kind` is the event that tells of it, with no link for those of `without_link`.

    `facts` makes what that event tells beside the application, sealed for the place that it is given. `audit` goes out before
    it: the number of the application's own event is the document's. The rest as in `Application`; None leaves it as it is.
    """

    state: ApplicationState
    kind: type[ApplicationEvent] | None
    without_link: Collection[str] = ()
    unmailed: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    audit: tuple[PendingEvent, ...] = ()
    decision: Decision | None = None
    said_by: tuple[SaidBy, ...] | None = None
    held: tuple[Held, ...] | None = None
    aliases: tuple[Alias, ...] | None = None
    changed_addresses: ChangedAddresses | None = None
    facts: blocks.MakeFacts | None = None


Read = Callable[[], Awaitable[Opened]]
Plan = Callable[[Application, CourseView | None], Awaitable[Change | None]]
"""Answers None where nothing is to be changed."""


async def change_application(
    read: Read, plan: Plan, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> Opened:
    """What `plan` makes of what `read` finds, as it is after that. Raises what those two raise.

    Raises:
        LinkError: the application is erased.
        DependencyDownError: try again later.

    """
    for _ in range(WRITES_MAX):
        application, course = await read()
        try:
            change = await plan(application, course)
            if change is None:
                return application, course
            events = change.audit
            if change.kind is not None:
                told = await blocks.next_event(
                    change.kind,
                    # The links in it are those that are good after the change.
                    replace(application, changed_addresses=change.changed_addresses or application.changed_addresses),
                    change.state,
                    without_link=change.without_link,
                    links_until=links_until(change.state.submitted_at, programme),
                    vault=vault,
                    signer=signer,
                    facts=change.facts,
                    now=now,
                )
                events = (*events, told)
        except ErasedError:
            raise LinkError from None
        after = await store.change(
            application,
            state=change.state,
            unmailed=change.unmailed,
            addresses=change.addresses,
            events=events,
            decision=change.decision,
            said_by=change.said_by,
            held=change.held,
            aliases=change.aliases,
            changed_addresses=change.changed_addresses,
            now=now,
        )
        if after is not None:
            return after, course
    raise DependencyDownError("database")
