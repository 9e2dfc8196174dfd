"""Has booked courses mended, and their people told what is new, by itself: at once where a consultant changed, and in a sweep."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from services.scheduler.means import Means
from services.scheduler.mend_courses import check_courses, try_stalled
from services.scheduler.reword import reword_due
from shared.errors import DependencyDownError

COALESCE_SECONDS: Final = 0.05
"""Less than the waiting list waits: a course that people already have in their calendars goes first."""
SWEEP_SECONDS: Final = 300.0
"""What a crash left undone, or another process's change of the roster, is found after so long."""
RETRY_SECONDS: Final = 2.0
SINGLE_MAX: Final = 20
"""Consultants whose courses are looked at one by one."""

log = structlog.get_logger(__name__)


class Mending:
    """One pass at a time; what wakes it during a pass causes one more. Several processes may do it at once."""

    def __init__(self, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._sweep_seconds = sweep_seconds
        self._woken = asyncio.Event()
        self._opened = False
        self._changed: set[str] = set()

    def wake(self) -> None:
        """Something opened: a course that is stalled may be helped."""
        self._opened = True
        self._woken.set()

    def check(self, consultant_id: str) -> None:
        """What the roster says of a consultant has changed."""
        self._changed.add(consultant_id)
        self._woken.set()

    async def run(self, means: Means) -> None:
        """Work until cancelled, beginning with a sweep: nobody knows what happened while no process ran."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sweep(means))
            tasks.create_task(self._serve(means))

    async def _sweep(self, means: Means) -> None:
        while True:
            await _until_done(partial(check_courses, means=means))
            await _until_done(partial(reword_due, means=means))
            self.wake()
            await asyncio.sleep(self._sweep_seconds)

    async def _serve(self, means: Means) -> None:
        while True:
            await self._woken.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._woken.clear()
            changed, self._changed = self._changed, set()
            # After an import one look at all courses costs less than one for each of the roster.
            each = [None] if len(changed) > SINGLE_MAX else sorted(changed)
            for who in each:
                await _until_done(partial(check_courses, who, means=means))
            if changed:
                await _until_done(partial(reword_due, means=means))
            if self._opened:
                self._opened = False
                await _until_done(partial(try_stalled, means=means))


async def _until_done(step: Callable[[], Awaitable[int]]) -> None:
    """Again and again while something that it needs is away; what cannot be done for another reason waits for the sweep."""
    while True:
        try:
            await step()
        except DependencyDownError as error:
            log.warning("mending-put-off", waiting_for=str(error), retry_seconds=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
        except Exception:
            log.exception("mending-failed")
            return
        else:
            return
