"""What follows when a mail server refuses a recipient for good."""

from collections.abc import Awaitable, Callable

from services.notifier.desk import Desk
from services.notifier.message import Attempt, LeasedMessage
from services.notifier.suppress.leave_alone import Refused, leave_alone
from services.notifier.suppress.store import Suppressions


def leave_refused_alone(
    suppressions: Suppressions, *, desk: Desk
) -> Callable[[LeasedMessage, Attempt], Awaitable[None]]:
    """To be called before the outcome is written down, so that a crash in between forgets nothing; may be repeated."""

    async def hook(message: LeasedMessage, attempt: Attempt) -> None:
        refused = Refused(
            message=message, reason=attempt.reason, code=attempt.enhanced, at=attempt.at, sent_at=attempt.at
        )
        await leave_alone(refused, suppressions=suppressions, desk=desk)

    return hook
