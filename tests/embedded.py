"""The embedded servers as tests see them, with a reader for the mailboxes."""

import email
import imaplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import Self
from urllib.parse import urlsplit

from deploy.local.processes import Running
from deploy.local.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Addresses as in `.forloeb/addresses.json`; `held` is the stack itself, for killing parts and bringing them up again."""

    held: Stack
    kafka: str
    mongodb: str
    smtp: str
    imap: str
    mail_web: str
    mail_password: str

    @classmethod
    def of(cls, held: Stack, *, password: str) -> Self:
        addresses = held.home.addresses() or {}
        names = ("kafka", "mongodb", "smtp", "imap", "mail_web")
        return cls(held=held, mail_password=password, **{name: addresses[name] or "" for name in names})

    def program(self, name: str) -> Running:
        """The process of `mongodb`, `kafka` or `mail`, for `deploy.local.processes.kill` and `send`."""
        return next(each.running for each in self.held.home.programs() if each.running.name == name)

    def bring_up(self) -> None:
        """Start again, on the same ports, what has died. Not from a running event loop: use `asyncio.to_thread`."""
        self.held.up(lambda _: None)

    def inbox(self, address: str) -> list[EmailMessage]:
        """All mails delivered to this address, oldest first."""
        return [email.message_from_bytes(content, policy=default) for content in self.raw_inbox(address)]

    def raw_inbox(self, address: str) -> list[bytes]:
        """The same, byte for byte as SMTP took them."""
        parts = urlsplit(self.imap)
        with imaplib.IMAP4(parts.hostname or "", parts.port or 0, timeout=10) as client:
            client.login(address.lower(), self.mail_password)
            client.select("INBOX", readonly=True)
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
