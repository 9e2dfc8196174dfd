"""Acts on what was reported about our mails: a sweep over the reports, in every process, each of them by itself."""

from datetime import timedelta
from typing import Final

import structlog

from services.notifier.returns.returned import WAITS_MAX, Returned, pause_after
from services.notifier.returns.settle_return import ReturnsDesk, settle_return
from shared import trace
from shared.errors import DependencyDownError

BROKEN_PAUSE: Final = timedelta(minutes=1)
"""A report that cannot be acted on is tried again after this long, and does not stand in the way of others."""

log = structlog.get_logger(__name__)


async def settle_due(*, at_desk: ReturnsDesk) -> int:
    """Act on every report that is due by now; how many were acted on.

    Raises:
        DependencyDownError: the database or the key store does not answer; what is left is found again.

    """
    done = 0
    for returned in await at_desk.returns.due(now=at_desk.desk.clock()):
        trace.begin(returned.traceparent)
        try:
            done += await _settle(returned, at_desk=at_desk)
        except DependencyDownError:
            raise
        except Exception:
            log.exception("report-not-settled", message_id=returned.message_id)
            await _put_off(returned, BROKEN_PAUSE, at_desk=at_desk)
    return done


async def _settle(returned: Returned, *, at_desk: ReturnsDesk) -> bool:
    outcome = await settle_return(returned, at_desk=at_desk)
    if outcome == "waits":
        await _put_off(returned, pause_after(returned.tries), at_desk=at_desk)
        return False
    if outcome == "dropped":
        log.info("report-dropped", message_id=returned.message_id, outcome=returned.action)
    await at_desk.returns.remove(returned.id)
    return True


async def _put_off(returned: Returned, pause: timedelta, *, at_desk: ReturnsDesk) -> None:
    now = at_desk.desk.clock()
    if now - returned.taken_in_at > WAITS_MAX:
        log.error("report-given-up", message_id=returned.message_id, outcome=returned.action)
        await at_desk.returns.remove(returned.id)
    else:
        await at_desk.returns.put_off(returned.id, until=now + pause)
