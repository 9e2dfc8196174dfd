"""Put what somebody said about a meeting into its application: numbered, once for each source, told in the same write."""

from collections.abc import Callable
from datetime import datetime

from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.held.held_answer import Held
from services.intake.links import Signer
from services.intake.record import SAID_BY_KEPT_MAX, Alias, Application, SaidBy
from shared.events import ApplicationEvent, ApplicationState
from shared.outbox import PendingEvent
from shared.programme import Programme
from shared.said import SAID_KEPT_MAX, Said
from shared.vault import Vault


def refuse_nothing(_state: ApplicationState) -> None:
    """What a caller of `say` without rules of its own asks of the application."""


async def say(
    application_id: str,
    make: Callable[[int], Said],
    *,
    kind: type[ApplicationEvent],
    source: str,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
    refuse: Callable[[ApplicationState], None] = refuse_nothing,
    is_grey: bool = False,
) -> int | None:
    """Say what `make` makes of its number, in an event of `kind`. Answers the number, that of the first time for a known `source`.

    None: nothing is said, since the application is unknown, erased, or not one that is to have a course. `refuse` may raise,
    within the guarded change, to keep it from being said; a source that was heard before is not refused. `is_grey` as in `SaidBy`.

    Raises:
        DependencyDownError: try again later; it may or may not have been said, which `source` settles.

    """

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        return application, None

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        state = application.state
        if state.state != "admitted" or number_of(source, application) is not None:
            return None
        refuse(state)
        return spoken(application, make, kind=kind, source=source, is_grey=is_grey)

    try:
        application, _ = await change_application(
            read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now
        )
    except LinkError:
        return None
    return number_of(source, application)


def spoken(
    application: Application,
    make: Callable[[int], Said],
    *,
    kind: type[ApplicationEvent],
    source: str,
    is_grey: bool = False,
    held: tuple[Held, ...] | None = None,
    aliases: tuple[Alias, ...] | None = None,
    audit: tuple[PendingEvent, ...] = (),
) -> Change:
    """The application with one thing more that was said; the rest as in `Change`."""
    state = application.state
    number = state.said_count + 1
    return Change(
        state=state.model_copy(update={"said": (*state.said, make(number))[-SAID_KEPT_MAX:], "said_count": number}),
        kind=kind,
        without_link=application.unmailed,
        unmailed=application.unmailed,
        addresses=application.addresses,
        said_by=(*application.said_by, SaidBy(source=source, number=number, is_grey=is_grey))[-SAID_BY_KEPT_MAX:],
        held=held,
        aliases=aliases,
        audit=audit,
    )


def number_of(source: str, application: Application) -> int | None:
    """The number of what this source has said; None where it has said nothing."""
    return next((one.number for one in application.said_by if one.source == source), None)
