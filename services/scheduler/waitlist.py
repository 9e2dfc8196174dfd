"""Tries the waiting applications again, the oldest first, whenever something has changed that may help one of them.

Fair means: no application is sought for the first time while there is an opening, known to this process, that has not been
offered to everybody who waits. So whoever waits is passed over only by those whom an opening suits that does not suit her.
"""

import asyncio
from collections.abc import AsyncGenerator
from itertools import count

import structlog

from services.scheduler.book import NOT_ITS_TURN, seek
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.people import Blocks, open_course
from services.scheduler.sought import Sought
from shared import trace
from shared.errors import DependencyDownError
from shared.vault import KeyMissingError

COALESCE_SECONDS = 0.2
"""Changes that follow each other so quickly are served by one pass."""
RETRY_SECONDS = 2.0
TURN_SECONDS_MAX = 10.0
"""A new application waits at most so long for those before it; then it is put off. Less than a handler may take."""
BEGINNINGS_MAX = 20
"""A pass that begins anew so often goes on to the end, so that the last on the list are tried however much goes on."""

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

    An opening that comes up meanwhile is the oldest one's: then the pass begins anew, but not for ever.

    Raises:
        DependencyDownError: something is away; the rest of the list was not tried.

    """
    booked = 0
    async with means.turn:
        for beginnings in count(1):
            openings = means.calendar.openings
            one_pass = _pass(None if beginnings > BEGINNINGS_MAX else openings, means=means)
            async for outcome in one_pass:
                booked += outcome == "booked"
                if outcome == NOT_ITS_TURN:
                    break
            else:
                means.calendar.was_offered(openings)
                return booked
            await one_pass.aclose()
    raise AssertionError("unreachable")


async def older_first(*, means: Means) -> None:
    """Have every opening that this process knows of offered to everybody who waits.

    Raises:
        DependencyDownError: that takes too long, or something is away; try again.

    """
    calendar = means.calendar
    try:
        async with asyncio.timeout(TURN_SECONDS_MAX):
            while calendar.offered < calendar.openings:
                # As a task, since each of those who wait is tried under a trace of its own.
                await asyncio.create_task(retry_waiting(means=means))
    except TimeoutError:
        means.try_waiting()
        raise DependencyDownError("waiting-list") from None


async def _pass(openings: int | None, *, means: Means) -> AsyncGenerator[str]:
    """What becomes of each that waits, the oldest first."""
    for course_id in await means.store.waiting():
        trace.begin()
        outcome = "unchanged"
        try:
            outcome = await _retry(course_id, openings, means=means)
        except KeyMissingError:
            # Missing for this one only: it must not keep those behind it waiting for good.
            log.error("waiting-not-tried", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
        except DependencyDownError:
            raise
        except Exception:
            # One that cannot be tried must not keep the others waiting.
            log.exception("waiting-not-tried", course=course_id)
        yield outcome
        # A search takes milliseconds of computing; let requests and heartbeats in between.
        await asyncio.sleep(0)


async def _retry(course_id: str, openings: int | None, *, means: Means) -> str:
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
        outcome = await seek(sought, means=means, openings=openings)
        if outcome != "overtaken":
            break
    return outcome
