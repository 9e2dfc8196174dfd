"""Acts on one report: the mail bounced, and its address is left alone where it takes no mail; or the mail is only late.

Whatever is done beside the message comes first and may be done again: after a crash the report is found again, and acted on anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from services.notifier.desk import Desk
from services.notifier.metrics import BOUNCED
from services.notifier.returns.bounced_event import bounced_event
from services.notifier.returns.judge import STREAK_WITHIN, SentMail, Verdict, is_streak, judge
from services.notifier.returns.readiness import readiness, sent_at
from services.notifier.returns.returned import Returned
from services.notifier.returns.sent_mails import SentMails
from services.notifier.returns.store import Returns
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress.leave_alone import Refused, leave_alone
from services.notifier.suppress.store import Suppressions
from shared.outbox import Waiting

Settled = Literal["bounced", "delayed", "dropped", "waits"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReturnsDesk:
    """What acting on reports needs. `publish` tells the relay of a written event."""

    desk: Desk
    returns: Returns
    sent: SentMails
    suppressions: Suppressions
    publish: Callable[[Waiting], None]


async def settle_return(returned: Returned, *, at_desk: ReturnsDesk) -> Settled:
    """What came of it; "waits": its mail cannot take it yet.

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    desk = at_desk.desk
    message = await desk.messages.find(returned.message_id)
    if message is None or message.application_id != returned.application_id:
        return "dropped"
    ready = readiness(message)
    if ready != "ready":
        return "waits" if ready == "waits" else "dropped"
    if returned.action == "delayed":
        await at_desk.sent.note_delay(message.message_id, at=returned.at)
        return "delayed"
    verdict, now = judge(returned.status), desk.clock()
    undeliverable = await _take_out(message, verdict, returned, at_desk=at_desk)
    event = bounced_event(
        message, verdict, status=returned.status, undeliverable=undeliverable, at=returned.at, now=now
    )
    written = await at_desk.sent.bounce(message, verdict, event, status=returned.status, at=returned.at, now=now)
    if written is None:
        return "waits"
    at_desk.publish(written)
    BOUNCED.labels(kind=message.kind, reason=verdict.reason).inc()
    log.warning(
        "mail-came-back",
        message_id=message.message_id,
        kind=message.kind,
        reason=verdict.reason,
        enhanced=returned.status,
    )
    return "bounced"


async def _take_out(message: StoredMessage, verdict: Verdict, returned: Returned, *, at_desk: ReturnsDesk) -> bool:
    """Leave the address alone where it has to be; whether it is."""
    if not verdict.hard and not await _is_one_of_many(message, at_desk=at_desk):
        return False
    refused = Refused(
        message=message,
        reason=verdict.reason,
        code=returned.status,
        at=at_desk.desk.clock(),
        sent_at=sent_at(message),
    )
    return await leave_alone(refused, suppressions=at_desk.suppressions, desk=at_desk.desk)


async def _is_one_of_many(message: StoredMessage, *, at_desk: ReturnsDesk) -> bool:
    if not message.addressee:
        return False
    this = SentMail(message.message_id, sent_at(message), bounced=True)
    others = await at_desk.sent.to_address(message.addressee, since=this.at - STREAK_WITHIN)
    return is_streak([this, *(one for one in others if one.message_id != this.message_id)], this.message_id)
