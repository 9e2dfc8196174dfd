"""Tries the waiting applications again, the oldest first, whenever something has changed that may help one of them."""

import asyncio

import structlog

from services.scheduler.book import seek
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.people import Blocks, open_course
from services.scheduler.sought import Sought
from shared import trace
from shared.errors import DependencyDownError
from shared.vault import KeyMissingError

COALESCE_SECONDS = 0.2
"""Changes that follow each other so quickly are served by one pass."""
RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


class WaitingList:
    """One pass at a time; what wakes it during a pass causes one more."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self, means: Means) -> None:
        """Work until cancelled, beginning with a pass: nobody knows what happened while no process ran."""
        self.wake()
        while True:
            await self._woken.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._woken.clear()
            try:
                await retry_waiting(means=means)
            except DependencyDownError as error:
                log.warning("waiting-list-put-off", waiting_for=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self.wake()


async def retry_waiting(*, means: Means) -> int:
    """One pass over the list; return how many were booked.

    Raises:
        DependencyDownError: something is away; the rest of the list was not tried.

    """
    booked = 0
    for course_id in await means.store.waiting():
        trace.begin()
        try:
            booked += await _retry(course_id, means=means) == "booked"
        except KeyMissingError:
            # Missing for this one only: it must not keep those behind it waiting for good.
            log.error("waiting-not-tried", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
        except DependencyDownError:
            raise
        except Exception:
            # One that cannot be tried must not keep the others waiting.
            log.exception("waiting-not-tried", course=course_id)
        # A search takes milliseconds of computing; let requests and heartbeats in between.
        await asyncio.sleep(0)
    return booked


async def _retry(course_id: str, *, means: Means) -> str:
    outcome = "overtaken"
    for _ in range(MISSES_MAX):
        stored = await means.store.course(course_id)
        if stored is None or stored.course.state != "waiting":
            return "unchanged"
        course = stored.course
        sought = Sought(
            course_id=course_id,
            request=course.request,
            window=course.window,
            opened=await open_course(course, vault=means.vault),
            blocks=Blocks(course.people, course.matter),
            seen=stored.seen,
            stored=stored,
        )
        outcome = await seek(sought, means=means)
        if outcome != "overtaken":
            break
    return outcome
