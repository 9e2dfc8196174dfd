"""The invited person says whether an answer is hers: then it is said, or it never was."""

from datetime import datetime, timedelta

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
from shared.said import CalendarAnswer, CounterProposal
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
                lambda number: _hers(entry, application, number),
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


def _hers(entry: Held, application: Application, number: int) -> CalendarAnswer | CounterProposal:
    """What she confirms to have said, after what was said in her name meanwhile and nobody vouched for: that must not outdate it."""
    said = [
        one
        for one in application.state.said
        if isinstance(one, CalendarAnswer | CounterProposal)
        and entry.is_about(one.person_id, one.meeting_id)
        and one.dtstamp >= entry.said.dtstamp
    ]
    grey = {one.number for one in application.said_by if one.is_grey}
    is_hers = [one.answered_by != "other" and one.number not in grey for one in said]
    # She has said something else since: her last word counts.
    after = [] if any(is_hers) else [one.dtstamp + timedelta(seconds=1) for one in said]
    dtstamp = max([entry.said.dtstamp, *after])
    return entry.said.model_copy(update={"number": number, "answered_by": "self", "dtstamp": dtstamp})


def find_held(application: Application, held_id: str, now: datetime) -> Held:
    """The held answer of this id. Raises LinkError where there is none, or its time is over."""
    entry = next((one for one in application.held if one.held_id == held_id), None)
    if entry is None or now >= entry.until:
        raise LinkError
    return entry
