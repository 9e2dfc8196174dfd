"""Passes mails on to whoever takes them by LMTP, one recipient at a time, and tries again until they are taken or refused for good.

What waits is in memory: a receiver that is away for a while loses nothing, an end of this mail server does.
"""

import asyncio
import smtplib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

TIMEOUT_SECONDS: Final = 20
PAUSE_SECONDS_MIN: Final = 0.5
PAUSE_SECONDS_MAX: Final = 10.0
TRIES_MAX: Final = 2_000
"""More than five hours at the longest pause; then the sender hears that it could not be delivered."""
WAITING_MAX: Final = 5_000

OK: Final = range(200, 300)
TEMPORARY: Final = 451
REFUSED: Final = 500
"""For good, from here on."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A mail to one recipient on its way; `sender` is the address of the envelope, empty for a mail about a mail."""

    sender: str
    recipient: str
    content: bytes
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the receiver said; `code` as SMTP has it."""

    code: int
    text: str


Deliver = Callable[[Waiting], Awaitable[Answer]]
"""Raises OSError where the receiver cannot be reached."""
GiveBack = Callable[[Waiting, Answer], Awaitable[None]]
"""Tells the sender that a mail was not taken."""


class Relay:
    """Mails in the order in which they came, except for those that wait to be tried again."""

    def __init__(self, *, deliver: Deliver, give_back: GiveBack, pause_seconds: float = PAUSE_SECONDS_MIN) -> None:
        self._deliver = deliver
        self._give_back = give_back
        self._pause_seconds = pause_seconds
        self._due: asyncio.Queue[Waiting] = asyncio.Queue()
        self._waiting = 0

    @property
    def is_full(self) -> bool:
        return self._waiting >= WAITING_MAX

    def add(self, mail: Waiting) -> None:
        self._waiting += 1
        self._due.put_nowait(mail)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            mail = await self._due.get()
            answer = await self._answer(mail)
            if answer.code not in OK and answer.code < REFUSED and mail.tries + 1 < TRIES_MAX:
                self._later(mail)
                continue
            self._waiting -= 1
            if answer.code not in OK:
                await self._give_back(mail, answer)

    async def _answer(self, mail: Waiting) -> Answer:
        try:
            return await self._deliver(mail)
        except OSError:
            return Answer(code=TEMPORARY, text="it is not there")

    def _later(self, mail: Waiting) -> None:
        again = Waiting(sender=mail.sender, recipient=mail.recipient, content=mail.content, tries=mail.tries + 1)
        pause = min(self._pause_seconds * 2 ** min(mail.tries, 10), PAUSE_SECONDS_MAX)
        asyncio.get_running_loop().call_later(pause, self._due.put_nowait, again)


def lmtp_to(host: str, port: int) -> Deliver:
    """Delivers there, with a connection for each mail."""

    async def deliver(mail: Waiting) -> Answer:
        return await asyncio.to_thread(_by_lmtp, host, port, mail)

    return deliver


def _by_lmtp(host: str, port: int, mail: Waiting) -> Answer:
    try:
        with smtplib.LMTP(host, port, timeout=TIMEOUT_SECONDS) as client:
            client.sendmail(mail.sender, mail.recipient, mail.content)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, text)] = error.recipients.values()
        return Answer(code=code, text=_text(text))
    except smtplib.SMTPResponseException as error:
        return Answer(code=error.smtp_code, text=_text(error.smtp_error))
    return Answer(code=OK.start, text="")


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
