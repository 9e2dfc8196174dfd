"""The invited person says whether an answer is hers: then it is said, or it never was."""

from datetime import datetime

import structlog
from prometheus_client import Counter

from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.held.held_answer import Held, decided
from services.intake.links import Signer
from services.intake.record import Application
from services.intake.say import number_of, spoken
from shared.events import InvitationAnswered
from shared.programme import Programme
from shared.vault import Vault

DECIDED = Counter(
    "forloeb_held_answers_total", "Answers that the invited person was asked about, by her word.", ["outcome"]
)

log = structlog.get_logger(__name__)


async def confirm_answer(
    application_id: str,
    held_id: str,
    *,
    version: str,
    is_hers: bool,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> Held:
    """The held answer afterwards. Decided twice, it is decided once; one that is no longer of this `version` is left alone.

    Raises:
        LinkError: it is not there any more, its time is over, or there is to be no course.
        DependencyDownError: try again later.

    """
    outcome = ""

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None or application.state.state != "admitted":
            raise LinkError
        return application, None

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        nonlocal outcome
        outcome = ""
        entry = find_held(application, held_id, now)
        if entry.outcome != "pending" or entry.version != version:
            return None
        outcome = "confirmed" if is_hers else "denied"
        if is_hers and number_of(entry.source, application) is None:
            return spoken(
                application,
                lambda number: entry.said.model_copy(update={"number": number, "answered_by": "self"}),
                kind=InvitationAnswered,
                source=entry.source,
                held=decided(application.held, entry, "confirmed"),
            )
        return Change(
            state=application.state,
            kind=None,
            unmailed=application.unmailed,
            addresses=application.addresses,
            held=decided(application.held, entry, "confirmed" if is_hers else "denied"),
        )

    application, _ = await change_application(
        read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now
    )
    if outcome:
        DECIDED.labels(outcome=outcome).inc()
    if outcome == "denied":
        # Somebody knows the address of her invite and answers in her name.
        log.warning("answer-denied", application_id=application_id, needs_attention=True)
    return find_held(application, held_id, now)


def find_held(application: Application, held_id: str, now: datetime) -> Held:
    """The held answer of this id. Raises LinkError where there is none, or its time is over."""
    entry = next((one for one in application.held if one.held_id == held_id), None)
    if entry is None or now >= entry.until:
        raise LinkError
    return entry
