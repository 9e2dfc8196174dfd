"""What follows when a mail server refuses a recipient for good."""

from collections.abc import Awaitable, Callable

import structlog

from services.notifier.desk import Desk
from services.notifier.message import Attempt, LeasedMessage
from services.notifier.suppress.leave_alone import Refused, leave_alone
from services.notifier.suppress.store import Suppressions
from shared.errors import DependencyDownError

log = structlog.get_logger(__name__)


def leave_refused_alone(
    suppressions: Suppressions, *, desk: Desk
) -> Callable[[LeasedMessage, Attempt], Awaitable[None]]:
    """To be called before the outcome is written down, so that a crash in between forgets nothing; may be repeated."""

    async def hook(message: LeasedMessage, attempt: Attempt) -> None:
        refused = Refused(
            message=message, reason=attempt.reason, code=attempt.enhanced, at=attempt.at, sent_at=attempt.at
        )
        try:
            await leave_alone(refused, suppressions=suppressions, desk=desk)
        except DependencyDownError:
            raise
        except Exception:
            # What the server said of the mail is written down all the same.
            log.exception("address-not-left-alone", message_id=message.message_id)

    return hook
