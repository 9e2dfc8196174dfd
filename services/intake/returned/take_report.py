"""Takes in one mail that came to a return path: what it says of our mail goes into the application that the mail was about.

Nothing is ever answered, and nothing of it waits for staff: what failed, they see at the mail itself.
"""

import structlog

from services.intake.mail_in.decided import WAIT_MAX, Decided
from services.intake.mail_in.mail import Contents, StoredMail
from services.intake.mail_in.means import Means
from services.intake.mail_in.metrics import REPORTS
from services.intake.returned.report import Action
from services.intake.returned.say_returned import say_returned

log = structlog.get_logger(__name__)


async def take_report(mail: StoredMail, contents: Contents, message_id: str, *, means: Means) -> Decided:
    """Said twice it is said once. `message_id` is that of the address, whatever the mail says that it is about.

    Raises:
        DependencyDownError: nothing is decided; try again.
        OSError: the same; the reader could not be started.

    """
    report = await means.reader.read_report(contents.raw, envelope_from=contents.envelope_from)
    decided = (
        Decided(state="dropped", reason=report.reason)
        if report.action is None
        else await _tell(mail, message_id, report.action, report.status, means=means)
    )
    if decided.state != "waiting":
        REPORTS.labels(report.action or "none", report.reason).inc()
    return decided


async def _tell(mail: StoredMail, message_id: str, action: Action, status: str | None, *, means: Means) -> Decided:
    application_id = await means.store.application_of_message(message_id)
    if application_id is None:
        # Mail may be faster than the news that ours was accepted.
        waits = means.clock() - mail.received_at < WAIT_MAX
        return Decided(state="waiting" if waits else "dropped", reason="unknown-message")
    outcome = await say_returned(
        application_id,
        message_id,
        action=action,
        status=status,
        at=mail.received_at,
        store=means.store,
        vault=means.vault,
        signer=means.signer,
        programme=means.programme,
        now=means.clock(),
    )
    if outcome == "gone":
        return Decided(state="dropped", reason="no-application", is_erased=True)
    log.info(
        "mail-returned",
        application_id=application_id,
        message_id=message_id,
        state=action,
        enhanced=status,
        outcome=outcome,
    )
    return Decided(state="returned", reason=action)
