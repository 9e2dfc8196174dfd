"""Sends people's mails through the mail server, as their mail programs do: logged in as themselves, or not at all."""

import smtplib
from collections.abc import Iterable
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 20


class Post:
    """One mail server, with one password for all accounts."""

    def __init__(self, *, smtp: str, password: str) -> None:
        parts = urlsplit(smtp)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._password = password

    def send(self, sender: str, mails: Iterable[tuple[str, bytes]], *, login: bool = True) -> None:
        """Mails by the address that each is for, in one connection. Raises smtplib.SMTPException where one is refused."""
        with smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS) as client:
            if login:
                client.login(sender, self._password)
            for recipient, content in mails:
                client.sendmail(sender, [recipient], content)
