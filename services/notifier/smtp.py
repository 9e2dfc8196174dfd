"""Hands one mail to the mail server: one recipient per transaction, every phase on its own, so each outcome is certain.

A connection is kept for the next mail. aiosmtplib speaks the protocol; what an answer means is decided in classify.py.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from services.notifier.classify import Kind, Outcome, Phase, Reason, accepted, classify_loss, classify_reply
from services.notifier.smtp_settings import SmtpSettings, TlsMode, tls_context
from shared import crash
from shared.mail_address import one_address

INVALID_REPLY = -1
"""What aiosmtplib puts in the code's place when a reply could not be read."""
_NOT_IMPLEMENTED = frozenset({500, 502, 504})
_GO_ON, _TAKEN = 354, 250
_TRANSIENT = 4

_T = TypeVar("_T")


class LeaseOverError(Exception):
    """It took so long that the message may be in somebody else's hands by now; nothing of it was sent."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server is told about a mail. `envelope_id` comes back in reports (RFC 3461), where the server can do that."""

    sender: str
    recipient: str
    envelope_id: str | None = None


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

    async def deliver(
        self, mail: bytes, envelope: Envelope, *, still_ours: Callable[[], bool] = lambda: True
    ) -> Outcome:
        """One attempt at one mail; never raises for what a server or a network does.

        `still_ours` is asked last, just before the mail itself goes out.

        Raises:
            AddressError: an address is none.
            ValueError: the mail has lines that do not end in CRLF.
            LeaseOverError: `still_ours` said no.

        """
        checked = replace(envelope, sender=one_address(envelope.sender), recipient=one_address(envelope.recipient))
        wire = _on_the_wire(mail)
        async with self._lock:
            await self._close_if_used_up()
            try:
                outcome = await self._attempt(_Parcel(wire, len(mail), checked, still_ours))
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

    async def _attempt(self, parcel: "_Parcel") -> Outcome:
        reused = self.is_open
        try:
            return await self._transaction(await self._ready(), parcel)
        except _BrokenOffError as broken:
            if not (reused and self._wants_a_new_connection(broken.outcome)):
                return broken.outcome
        # Nothing of this mail was sent yet, so this is no attempt.
        await self._quit()
        try:
            return await self._transaction(await self._ready(), parcel)
        except _BrokenOffError as broken:
            return broken.outcome

    def _wants_a_new_connection(self, outcome: Outcome) -> bool:
        """Of a connection that we kept: the server had closed it, or takes no further mail on it."""
        if outcome.phase is not Phase.MAIL:
            return False
        return not self.is_open or (outcome.code or 0) // 100 == _TRANSIENT

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
            await self._client.rset(timeout=self._settings.timeouts.reset_seconds)
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

    async def _transaction(self, client: SMTP, parcel: "_Parcel") -> Outcome:
        seconds, envelope = self._settings.timeouts, parcel.envelope
        mail_options = [f"SIZE={parcel.size_bytes}"] if client.supports_extension("size") else []
        rcpt_options = []
        if envelope.envelope_id and client.supports_extension("dsn"):
            mail_options += ["RET=HDRS", f"ENVID={envelope.envelope_id}"]
            rcpt_options = ["NOTIFY=FAILURE,DELAY"]
        # Cleared only after a transaction that ended well; RFC 5321 4.1.1.4 has then cleared the server's state, too.
        self._needs_reset = True
        named = client.mail(envelope.sender, options=mail_options, timeout=seconds.mail_seconds)
        await self._phase(Phase.MAIL, named)
        await self._phase(
            Phase.RCPT, client.rcpt(envelope.recipient, options=rcpt_options, timeout=seconds.rcpt_seconds)
        )
        crash.reached(crash.AFTER_RCPT)
        if not parcel.still_ours():
            raise LeaseOverError
        await self._phase(Phase.DATA_START, _begin(client, seconds.data_start_seconds))
        crash.reached(crash.AFTER_DATA_STARTED)
        reply = await self._phase(Phase.DATA, _hand_over(client, parcel.wire, seconds.data_seconds))
        self._needs_reset = False
        self._messages += 1
        return accepted(reply.code, reply.message)

    async def _phase(self, phase: Phase, step: Awaitable[_T]) -> _T:
        """One step of the conversation; whatever ends it early becomes an outcome."""
        try:
            done = await step
            if self._is_out_of_step():
                self._drop()
                if phase is not Phase.DATA:
                    raise _BrokenOffError(classify_loss(phase, Reason.UNREADABLE_REPLY))
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
        else:
            return done
        raise _BrokenOffError(outcome)

    def _is_out_of_step(self) -> bool:
        """Whether the server has said more than the answer: the rest would be taken for the next one."""
        protocol = self._client.protocol if self._client else None
        return protocol is not None and bool(protocol._buffer)  # noqa: SLF001 - the library has no other way to ask

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


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A mail as it goes over the wire, and whether it may still go. `size_bytes` is that of the mail itself (RFC 1870)."""

    wire: bytes
    size_bytes: int
    envelope: Envelope
    still_ours: Callable[[], bool]


def _on_the_wire(mail: bytes) -> bytes:
    """With doubled dots at line starts and the closing dot (RFC 5321 4.5.2). A bare CR or LF could hide a second mail."""
    lines = mail.count(b"\r\n")
    if mail.count(b"\n") != lines or mail.count(b"\r") != lines or not mail.endswith(b"\r\n"):
        raise ValueError("every line of a mail ends in CRLF")
    stuffed = mail.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n"


async def _begin(client: SMTP, seconds: float) -> None:
    """The word DATA alone: whatever goes wrong here, the server has nothing of the mail."""
    reply = await client.execute_command(b"DATA", timeout=seconds)
    if reply.code != _GO_ON:
        raise SMTPDataError(reply.code, reply.message)


async def _hand_over(client: SMTP, wire: bytes, seconds: float) -> SMTPResponse:
    """The mail itself, until the server says what becomes of it."""
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    client.protocol.write(wire)
    crash.reached(crash.AFTER_DOT)
    reply = await client.protocol.read_response(timeout=seconds)
    if reply.code != _TAKEN:
        raise SMTPDataError(reply.code, reply.message)
    return reply
