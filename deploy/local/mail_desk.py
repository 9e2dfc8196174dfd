"""Decides where a mail goes that the mail server was handed: into inboxes, or on to the mailbox that takes answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploy.local.mail_relay import Relay, Waiting
from deploy.local.mail_stamp import stamped, writes_as

Store = Callable[[str, bytes], Awaitable[None]]
"""Puts a mail into the inbox of an address."""


@dataclass(frozen=True, kw_only=True)
class Takes:
    """The mailbox whose mail is passed on: plain, or with anything after a plus sign."""

    mailbox: str
    domain: str

    def takes(self, address: str) -> bool:
        local_part, _, domain = address.lower().rpartition("@")
        return domain == self.domain and local_part.partition("+")[0] == self.mailbox


class Desk:
    """Puts a mail into the inbox of each recipient that RCPT named, or passes it on; addresses are compared in lower case."""

    def __init__(self, *, store: Store, takes: Takes, relay: Relay, authserv_id: str) -> None:
        self._store = store
        self._takes = takes
        self._relay = relay
        self._authserv_id = authserv_id

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content, account = envelope.original_content or b"", _account(session)
        if account is not None and not writes_as(content, account):
            return "550 5.7.1 You may not write as this sender"
        passed_on = [one for one in envelope.rcpt_tos if self._takes.takes(one)]
        if passed_on and self._relay.is_full:
            return "452 4.3.1 Too much waits to be passed on"
        for recipient in envelope.rcpt_tos:
            if recipient not in passed_on:
                await self._store(recipient, content)
        for recipient in passed_on:
            marked = stamped(content, authserv_id=self._authserv_id, account=account)
            self._relay.add(Waiting(sender=envelope.mail_from or "", recipient=recipient, content=marked))
        return "250 OK"


def _account(session: Session) -> str | None:
    login: object = session.login_data
    return login.decode("utf-8", "replace").lower() if isinstance(login, bytes) else None


def authenticator(password: str) -> Callable[..., AuthResult]:
    """Every address is an account here, all with one password."""

    def check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == password.encode() and b"@" in given.login
        return AuthResult(success=right, handled=False, auth_data=given)

    return check
