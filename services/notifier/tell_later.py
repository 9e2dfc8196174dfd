"""Tells the changes that waited, once they have been quiet long enough: a sweep over the view, in every process.

The view is marked before anything is planned. From then on nothing newer is taken in until it is told, so whoever tells it,
again after a crash or in two processes at once, plans the same messages.
"""

from datetime import timedelta
from typing import Final

import structlog

from services.notifier.desk import Desk
from services.notifier.tell_course import tell_settled
from shared import trace
from shared.errors import DependencyDownError

PUT_OFF_SECONDS: Final = 60.0
"""A view that cannot be told is tried again after this long, and does not stand in the way of others."""

log = structlog.get_logger(__name__)


async def tell_due(*, desk: Desk) -> int:
    """Tell everything that is due by now; how many courses it was.

    Raises:
        DependencyDownError: the database or the key store does not answer; what is left is found again.

    """
    told = 0
    for application_id in await desk.views.due(now=desk.clock()):
        try:
            told += await _tell(application_id, desk=desk)
        except DependencyDownError:
            raise
        except Exception:
            # One course that cannot be told must not keep the others waiting; the log shows it each time.
            log.exception("change-not-told", application_id=application_id)
            now = desk.clock()
            await desk.views.put_off(application_id, now=now, until=now + timedelta(seconds=PUT_OFF_SECONDS))
    return told


async def _tell(application_id: str, *, desk: Desk) -> bool:
    view = await desk.views.read(application_id)
    waits = view.settling
    if waits is None or waits.due > desk.clock():
        return False
    trace.begin(waits.traceparent)
    if not waits.telling:
        marked = view.model_copy(update={"settling": waits.model_copy(update={"telling": True})})
        stored = await desk.views.advance(marked, before=view)
        if stored is None:
            return False
        view = stored
    await tell_settled(view, desk=desk)
    return True
