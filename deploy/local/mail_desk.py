"""Decides where a mail goes that the mail server was handed: into inboxes, on to the mailboxes that are passed on, or back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploy.local.mail_bounce import report
from deploy.local.mail_nobody import fate_at
from deploy.local.mail_relay import Relay, Waiting
from deploy.local.mail_stamp import stamped, writes_as

Store = Callable[[str, bytes], Awaitable[None]]
"""Puts a mail into the inbox of an address."""


@dataclass(frozen=True, kw_only=True)
class Takes:
    """The mailboxes whose mail is passed on: plain, or with anything after a plus sign."""

    mailboxes: tuple[str, ...]
    domain: str

    def takes(self, address: str) -> bool:
        local_part, _, domain = address.lower().rpartition("@")
        return domain == self.domain and local_part.partition("+")[0] in self.mailboxes


class Desk:
    """Puts a mail into the inbox of each recipient that RCPT named, or passes it on; addresses are compared in lower case.

    What does not arrive (see `mail_nobody`) is told to the sender of the envelope, where there is one.
    """

    def __init__(
        self, *, store: Store, takes: Takes, relay: Relay, authserv_id: str, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._takes = takes
        self._relay = relay
        self._authserv_id = authserv_id
        self._clock = clock

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content, account = envelope.original_content or b"", _account(session)
        if account is not None and not writes_as(content, account):
            return "550 5.7.1 You may not write as this sender"
        passed_on = [one for one in envelope.rcpt_tos if self._takes.takes(one)]
        if passed_on and self._relay.is_full:
            return "452 4.3.1 Too much waits to be passed on"
        for recipient in envelope.rcpt_tos:
            if recipient not in passed_on:
                await self._deliver(Waiting(sender=envelope.mail_from or "", recipient=recipient, content=content))
        for recipient in passed_on:
            marked = stamped(content, authserv_id=self._authserv_id, account=account)
            self._relay.add(Waiting(sender=envelope.mail_from or "", recipient=recipient, content=marked))
        return "250 OK"

    async def tell(self, sender: str, content: bytes) -> None:
        """Bring a report to whoever sent the mail that it is about; nobody is told of a report that does not arrive."""
        if not sender:
            return
        if not self._takes.takes(sender):
            await self._store(sender, content)
        elif not self._relay.is_full:
            marked = stamped(content, authserv_id=self._authserv_id, account=None)
            self._relay.add(Waiting(sender="", recipient=sender, content=marked))

    async def _deliver(self, mail: Waiting) -> None:
        fate = fate_at(mail.recipient)
        if fate is None or fate.action == "delayed":
            await self._store(mail.recipient, mail.content)
        if fate is not None:
            await self.tell(mail.sender, report(mail, fate, by=self._authserv_id, now=self._clock()))


def _account(session: Session) -> str | None:
    login: object = session.login_data
    return login.decode("utf-8", "replace").lower() if isinstance(login, bytes) else None


def authenticator(password: str) -> Callable[..., AuthResult]:
    """Every address is an account here, all with one password."""

    def check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == password.encode() and b"@" in given.login
        return AuthResult(success=right, handled=False, auth_data=given)

    return check
