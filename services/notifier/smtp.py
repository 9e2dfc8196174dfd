"""Hands one mail to the mail server: one recipient per transaction, every phase on its own, so each outcome is certain.

A connection is kept for the next mail. aiosmtplib speaks the protocol; what an answer means is decided in classify.py.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPTimeoutError,
)

from services.notifier.classify import Kind, Outcome, Phase, Reason, accepted, classify_loss, classify_reply
from services.notifier.smtp_settings import SmtpSettings, TlsMode, tls_context
from shared.mail_address import one_address

INVALID_REPLY = -1
"""What aiosmtplib puts in the code's place when a reply could not be read."""
_NOT_IMPLEMENTED = frozenset({500, 502, 504})

_T = TypeVar("_T")


class _BrokenOffError(Exception):
    """Ends a conversation early with its outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


class SmtpConnection:
    """One connection to the mail server, opened when needed and used for one mail at a time.

    It is closed after so many messages, after so many idle seconds (when the next mail comes, or by `close_if_idle`),
    and after anything that leaves its state in doubt.
    """

    def __init__(self, settings: SmtpSettings, *, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls_context(settings)
        self._client: SMTP | None = None
        self._lock = asyncio.Lock()
        self._messages = 0
        self._last_used = 0.0
        self._needs_reset = False

    async def deliver(self, mail: bytes, *, envelope_from: str, recipient: str) -> Outcome:
        """One attempt at one mail; never raises for what a server or a network does. AddressError for bad addresses."""
        sender, to = one_address(envelope_from), one_address(recipient)
        async with self._lock:
            await self._close_if_used_up()
            try:
                outcome = await self._attempt(mail, sender, to)
            except BaseException:
                self._drop()
                raise
            self._last_used = self._clock()
            if outcome.kind in {Kind.CHANNEL, Kind.UNKNOWN}:
                self._drop()
            return outcome

    async def try_out(self) -> Outcome | None:
        """Connect, greet, secure and log in as for a mail, and leave again; None where all of it went well."""
        async with self._lock:
            try:
                await self._ready()
            except _BrokenOffError as broken:
                return broken.outcome
            await self._quit()
            return None

    @property
    def is_open(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def close_if_idle(self) -> None:
        """To be called now and then by who has nothing to send."""
        async with self._lock:
            await self._close_if_used_up()

    async def close(self) -> None:
        """Says good-bye to the server if it still listens."""
        async with self._lock:
            await self._quit()

    async def _attempt(self, mail: bytes, sender: str, recipient: str) -> Outcome:
        reused = self.is_open
        try:
            return await self._transaction(await self._ready(), mail, sender, recipient)
        except _BrokenOffError as broken:
            stale = reused and broken.outcome.phase is Phase.MAIL and not self.is_open
            if not stale:
                return broken.outcome
        # The server had closed a connection that we kept; nothing of this mail was sent yet, so this is no attempt.
        self._drop()
        try:
            return await self._transaction(await self._ready(), mail, sender, recipient)
        except _BrokenOffError as broken:
            return broken.outcome

    async def _ready(self) -> SMTP:
        """The connected client: a new one, or the kept one with its envelope cleared where that is needed."""
        if self._needs_reset:
            await self._reset()
        if self._client is None or not self._client.is_connected:
            self._client = await self._open()
            self._messages = 0
        self._needs_reset = False
        return self._client

    async def _reset(self) -> None:
        """Clears what the last transaction left on the server; a connection that cannot do so is not kept."""
        if self._client is None:
            return
        try:
            await self._client.rset(timeout=self._settings.timeouts.mail_seconds)
        except (SMTPException, OSError):
            self._drop()

    async def _open(self) -> SMTP:
        settings, seconds = self._settings, self._settings.timeouts
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=settings.ehlo_name,
            use_tls=settings.tls is TlsMode.IMPLICIT,
            start_tls=False,
            tls_context=self._tls,
        )
        self._client = client
        try:
            await self._phase(Phase.CONNECT, client.connect(timeout=seconds.connect_seconds))
            await self._greet(client)
            if settings.tls is TlsMode.STARTTLS:
                await self._phase(Phase.TLS, client.starttls(timeout=seconds.tls_seconds))
                await self._greet(client)
            if settings.username is not None and settings.password is not None:
                login = client.login(settings.username, settings.password, timeout=seconds.login_seconds)
                await self._phase(Phase.LOGIN, login)
        except _BrokenOffError:
            self._drop()
            raise
        return client

    async def _greet(self, client: SMTP) -> None:
        """EHLO, or HELO for a very old server, which then can offer neither TLS nor log-in."""
        seconds = self._settings.timeouts.ehlo_seconds
        try:
            await self._phase(Phase.EHLO, client.ehlo(timeout=seconds))
        except _BrokenOffError as broken:
            if broken.outcome.code not in _NOT_IMPLEMENTED or not client.is_connected:
                raise
            await self._phase(Phase.EHLO, client.helo(timeout=seconds))

    async def _transaction(self, client: SMTP, mail: bytes, sender: str, recipient: str) -> Outcome:
        seconds = self._settings.timeouts
        options = [f"SIZE={len(mail)}"] if client.supports_extension("size") else []
        # Cleared only after a transaction that ended well; RFC 5321 4.1.1.4 has then cleared the server's state, too.
        self._needs_reset = True
        await self._phase(Phase.MAIL, client.mail(sender, options=options, timeout=seconds.mail_seconds))
        await self._phase(Phase.RCPT, client.rcpt(recipient, timeout=seconds.rcpt_seconds))
        reply: SMTPResponse = await self._phase(Phase.DATA, client.data(mail, timeout=seconds.data_seconds))
        self._needs_reset = False
        self._messages += 1
        return accepted(reply.code, reply.message)

    async def _phase(self, phase: Phase, step: Awaitable[_T]) -> _T:
        """One step of the conversation; whatever ends it early becomes an outcome."""
        try:
            return await step
        except SMTPResponseException as refused:
            if refused.code == INVALID_REPLY:
                self._drop()
                outcome = classify_loss(phase, Reason.UNREADABLE_REPLY)
            else:
                outcome = classify_reply(phase, refused.code, refused.message)
        except (SMTPTimeoutError, TimeoutError):
            outcome = classify_loss(phase, Reason.TIMEOUT)
        except (SMTPException, OSError) as broken:
            outcome = _loss(phase, broken)
        raise _BrokenOffError(outcome)

    async def _close_if_used_up(self) -> None:
        settings = self._settings
        idle_seconds = self._clock() - self._last_used
        if self._messages >= settings.messages_per_connection_max or idle_seconds > settings.idle_seconds_max:
            await self._quit()

    async def _quit(self) -> None:
        if self._client is not None and self._client.is_connected:
            with contextlib.suppress(SMTPException, OSError):
                await self._client.quit(timeout=self._settings.timeouts.quit_seconds)
        self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def _loss(phase: Phase, broken: Exception) -> Outcome:
    """A TLS fault on connecting belongs to the TLS phase; its text names no person, only certificates and hosts."""
    cause = broken if isinstance(broken, ssl.SSLError) else broken.__cause__
    if isinstance(cause, ssl.SSLError):
        return classify_loss(Phase.TLS, Reason.TLS, str(cause))
    if isinstance(broken, OSError):
        return classify_loss(phase, Reason.LOST_CONNECTION)
    # The connection stands, but the server does not offer what we insist on.
    if phase in {Phase.TLS, Phase.LOGIN}:
        return classify_loss(phase, Reason.TLS if phase is Phase.TLS else Reason.CREDENTIALS, str(broken))
    return classify_loss(phase, Reason.LOST_CONNECTION)
