"""Takes mails in for as long as the service runs: each person's in the order of their arrival, those of different people at once."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from services.intake.mail_in.courses_seen import CoursesSeen
from services.intake.mail_in.decided import KEPT
from services.intake.mail_in.mail import State, StoredMail, message_of_recipient
from services.intake.mail_in.means import Means
from services.intake.mail_in.take_in import pause_after, take_in
from services.intake.mail_in.turn import Turn
from shared import trace
from shared.errors import DependencyDownError
from shared.vault import KeyMissingError

AT_ONCE_MAX: Final = 50
"""Enough for what one person answers in a row to be said in one write."""
LOOK_SECONDS: Final = 1.0
"""Between looks where nobody wakes this process: another one may have stored a mail."""
RETRY_SECONDS: Final = 2.0
TRIES: Final = timedelta(hours=1)
"""So long a mail is tried that breaks something here; then staff look at it, unless it is a report about a mail of ours."""

log = structlog.get_logger(__name__)


class TakingIn:
    """One process at a time works, whichever has the turn."""

    def __init__(self, *, means: Means, turn: Turn) -> None:
        self._means = means
        self._turn = turn
        self._woken = asyncio.Event()
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    def wake(self) -> None:
        """There is a new mail, or a course that one may have waited for."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            try:
                found = await self.once() if self._turn.is_ours else 0
            except DependencyDownError as error:
                log.warning("mails-put-off", waiting_for=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not found:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._woken.wait()

    async def once(self) -> int:
        """Take in what is due now; how many mails that were.

        Raises:
            DependencyDownError: something is away; some of them were not taken in.

        """
        mails = await self._means.mails.due(self._means.clock())
        lanes: dict[str, list[StoredMail]] = defaultdict(list)
        for mail in mails:
            lanes[mail.recipient].append(mail)
        courses = CoursesSeen(self._means.store)
        outcomes = await asyncio.gather(*(self._lane(lane, courses) for lane in lanes.values()), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(mails)

    async def _lane(self, mails: Sequence[StoredMail], courses: CoursesSeen) -> None:
        for mail in mails:
            async with self._room:
                trace.begin()
                await self._take(mail, courses)

    async def _take(self, mail: StoredMail, courses: CoursesSeen) -> None:
        try:
            await take_in(mail, means=self._means, courses=courses)
        except KeyMissingError:
            # Missing for this one only: it must not keep the others waiting for good.
            log.error("mail-not-taken-in", document_id=mail.mail_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
            await self._put_off(mail, "key-missing")
        except (DependencyDownError, OSError) as error:
            raise DependencyDownError(str(error) if isinstance(error, DependencyDownError) else "reader") from error
        except Exception:
            log.exception("mail-not-taken-in", document_id=mail.mail_id)
            await self._put_off(mail, "failed")

    async def _put_off(self, mail: StoredMail, reason: str) -> None:
        now = self._means.clock()
        age = now - mail.received_at
        if reason == "failed" and age > TRIES:
            state: State = "parked" if message_of_recipient(mail.recipient) is None else "dropped"
            await self._means.mails.decide(mail, state, reason, now=now, keep=KEPT[state])
        else:
            await self._means.mails.wait(mail, reason, due_at=now + pause_after(age))
