"""Takes mail by LMTP (RFC 2033) or SMTP from the organisation's mail server; the only file that knows aiosmtpd.

A mail is answered 250 when it is stored, and not before. Nothing that it says is read here.
"""

import asyncio
import ipaddress
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, AnyStr, Final

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.mail_in.mail import MAIL_BYTES_MAX
from services.intake.mail_in.metrics import RECEIVED, REFUSED
from services.intake.mail_in.recipients import Recipients
from services.intake.mail_in.where import Where
from shared.client_address import Network
from shared.errors import DependencyDownError

CONNECTIONS_MAX: Final = 50
SILENCE_SECONDS_MAX: Final = 60.0
"""Between two commands, and for a whole mail after DATA."""
COMMAND_CHARS_MAX: Final = 1_024
LINE_BYTES_MAX: Final = 8_192
"""Of a mail's lines. Longer ones than RFC 5321 section 4.5.3.1.6 promises are common in HTML."""
UNANSWERED_BYTES_MAX: Final = 5 * MAIL_BYTES_MAX
"""From one client between two answers. The library keeps a line that never ends, however long it is."""
COMMANDS_MAX: Final = {"*": 1_000, "NOOP": 50}
"""Of one kind in one connection; then it is closed, and the mail server opens another."""
SOCKET_MODE: Final = 0o660

TOO_MANY = b"421 4.3.2 Too many connections, try again later\r\n"
NOT_A_PEER = b"554 5.7.1 No mail is taken from you\r\n"
TOO_LARGE = b"552 5.3.4 Too much mail data\r\n"
NO_SUCH_ADDRESS = "550 5.1.1 No such address here"
ONE_RECIPIENT = "452 4.5.3 One recipient at a time"
NO_ROOM = "452 4.3.1 Too much waits to be looked at, try again later"
NOT_NOW = "451 4.3.0 Not now, try again later"
STORED = "250 2.6.0 Stored"

log = structlog.get_logger(__name__)
# The library tells on this logger who writes to whom, and what clients say.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

Take = Callable[[bytes, str, str], Awaitable[object]]
"""Stores a mail (its bytes, recipient, return path). Raises DependencyDownError."""
HasRoom = Callable[[str], Awaitable[bool]]


class _Conversation:
    """What is answered to the commands; the library calls these methods by their names."""

    def __init__(self, *, recipients: Recipients, has_room: HasRoom, take: Take, way: str) -> None:
        self._recipients = recipients
        self._has_room = has_room
        self._take = take
        self._way = way

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, _envelope: Envelope, host_name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = host_name
        return [*lines[:-1], "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return _refused(ONE_RECIPIENT)
        recipient = self._recipients.find(address)
        if recipient is None:
            return _refused(NO_SUCH_ADDRESS)
        try:
            if not await self._has_room(recipient):
                return _refused(NO_ROOM)
        except DependencyDownError:
            return _refused(NOT_NOW)
        # From here on nobody needs the address any more.
        envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        raw = envelope.original_content or b""
        return_path = (envelope.mail_from or "").strip("<>")
        try:
            await self._take(raw, envelope.rcpt_tos[0], return_path)
        except DependencyDownError as error:
            log.warning("mail-not-taken", waiting_for=str(error))
            return _refused(NOT_NOW)
        RECEIVED.labels(self._way).inc()
        return STORED

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail-conversation-failed", error=type(error).__name__)
        return _refused("451 4.3.0 Something went wrong here, try again later")


class _Polite(SMTP):
    """The library's protocol, for known peers only, so many at a time, and without what tells strangers anything."""

    line_length_limit = LINE_BYTES_MAX
    command_size_limit = COMMAND_CHARS_MAX

    def __init__(self, handler: _Conversation, *, listener: "Listener", hostname: str, ident: str) -> None:
        super().__init__(
            handler,
            data_size_limit=MAIL_BYTES_MAX,
            hostname=hostname,
            ident=ident,
            timeout=SILENCE_SECONDS_MAX,
            command_call_limit=dict(COMMANDS_MAX),
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            loop=asyncio.get_running_loop(),
        )
        # The library's own is shared by all connections, and grows with each greeting.
        self.command_size_limits = defaultdict(lambda: COMMAND_CHARS_MAX)
        self._listener = listener
        self._admitted: asyncio.BaseTransport | None = None
        self._unanswered_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        refusal = self._listener.refusal_of(transport.get_extra_info("peername"))
        if refusal is None:
            self._listener.open.add(transport)
            self._admitted = transport
            super().connection_made(transport)
            return
        _turn_away(transport, refusal)

    def data_received(self, data: bytes) -> None:
        self._unanswered_bytes += len(data)
        if self._admitted and self._unanswered_bytes > UNANSWERED_BYTES_MAX:
            if not self._admitted.is_closing():
                _turn_away(self._admitted, TOO_LARGE)
        elif self._admitted:
            super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        self._unanswered_bytes = 0
        await super().push(status)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._admitted else None

    def connection_lost(self, error: Exception | None) -> None:
        if self._admitted:
            self._listener.open.discard(self._admitted)
            super().connection_lost(error)

    async def smtp_VRFY(self, _arg: str) -> None:  # noqa: N802 - the library's name
        await self.push("252 2.1.5 Send a mail to find out")

    async def smtp_HELP(self, _arg: str) -> None:  # noqa: N802 - the library's name
        await self.push("214 2.0.0 RFC 5321, RFC 2033")

    async def smtp_EXPN(self, _arg: str) -> None:  # noqa: N802 - the library's name
        await self.push("502 5.5.1 Not here")

    async def smtp_AUTH(self, _arg: str) -> None:  # noqa: N802 - the library's name
        await self.push("502 5.5.1 Not here")


class _Lmtp(_Polite, LMTP):
    """The same with LHLO; of one recipient's mail there is one answer, as in SMTP."""


class Listener:
    """One place where mail is taken. `peers` are those that may deliver by SMTP; LMTP is reached from this machine only."""

    def __init__(
        self,
        where: Where,
        *,
        peers: tuple[Network, ...],
        recipients: Recipients,
        has_room: HasRoom,
        take: Take,
    ) -> None:
        self._where = where
        self._peers = peers
        self._recipients = recipients
        self._conversation = _Conversation(recipients=recipients, has_room=has_room, take=take, way=where.protocol)
        self._server: asyncio.Server | None = None
        self.open: set[asyncio.BaseTransport] = set()

    @property
    def name(self) -> str:
        """For readiness."""
        return self._where.protocol

    async def run(self) -> None:
        """Listen until cancelled. Raises OSError where the address is taken."""
        self._server = await self._listen(asyncio.get_running_loop())
        log.info("taking-mail", type=self._where.protocol, port=self._where.port)
        try:
            await asyncio.Event().wait()
        finally:
            self._server.close()
            # Whoever is cut off before an answer delivers the same mail again, and it is not stored twice.
            for each in list(self.open):
                each.close()

    async def check(self) -> None:
        """For readiness. Raises DependencyDownError while nobody can deliver."""
        if self._server is None or not self._server.is_serving():
            raise DependencyDownError(self._where.protocol)

    def refusal_of(self, peer: Any) -> bytes | None:
        """Why a connection is not taken; None if it is."""
        if self._where.protocol == "smtp" and not self._is_peer(peer):
            return NOT_A_PEER
        return TOO_MANY if len(self.open) >= CONNECTIONS_MAX else None

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        where = self._where
        if where.path is None:
            return await loop.create_server(self._protocol, where.host, where.port, backlog=CONNECTIONS_MAX)
        _make_way(where.path)
        server = await loop.create_unix_server(self._protocol, where.path, backlog=CONNECTIONS_MAX)
        _let_the_group_in(where.path)
        return server

    def _is_peer(self, peer: Any) -> bool:
        try:
            address = ipaddress.ip_address(peer[0])
        except (TypeError, ValueError, IndexError):
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._peers)

    def _protocol(self) -> _Polite:
        kind = _Lmtp if self._where.protocol == "lmtp" else _Polite
        return kind(
            self._conversation,
            listener=self,
            hostname=self._recipients.domain,
            ident=self._where.protocol.upper(),
        )


def _make_way(path: str) -> None:
    """A socket of a process that is no more stays in the file system."""
    Path(path).unlink(missing_ok=True)


def _let_the_group_in(path: str) -> None:
    Path(path).chmod(SOCKET_MODE)


def _turn_away(transport: asyncio.BaseTransport, answer: bytes) -> None:
    REFUSED.labels(answer[:3].decode()).inc()
    assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - tells mypy what servers hand in
    transport.write(answer)
    transport.close()


def _refused(answer: str) -> str:
    REFUSED.labels(answer[:3]).inc()
    return answer
