"""Fetches answers from a mailbox, for places where no mail server delivers to us.

By the standard library in a thread: the asyncio clients that are kept are not under a licence that we could take, and this asks
one server one question at a time. A mail is flagged as seen only after it is stored; fetched twice, it is stored once.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from services.intake.mail_in.mail import MAIL_BYTES_MAX
from services.intake.mail_in.mailbox import Mailbox

TIMEOUT_SECONDS: Final = 30

_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """The mailbox cannot be read now; `step` says where it ended: connect, tls, login, select, fetch."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """`raw` is None for one that is larger than is taken, and for one that the server does not give out now."""

    uid: str
    raw: bytes | None
    is_too_large: bool = False


class Connection:
    """One log-in. Every method blocks, for at most TIMEOUT_SECONDS per question, and raises MailboxError."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._client = self._connected()

    def _connected(self) -> imaplib.IMAP4:
        box = self._mailbox
        client: imaplib.IMAP4
        with _step("connect"):
            context = ssl.create_default_context(cafile=box.ca_file)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if box.tls:
                client = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=TIMEOUT_SECONDS)
            else:
                client = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT_SECONDS)
        try:
            if not box.tls and not box.is_local:
                with _step("tls"):
                    client.starttls(context)
            with _step("login"):
                client.login(box.user, box.password)
            with _step("select"):
                _require(client.select(f'"{box.folder}"'))
        except MailboxError:
            with suppress(OSError, imaplib.IMAP4.error):
                client.shutdown()
            raise
        return client

    def unseen(self) -> list[str]:
        """UIDs of the mails that nobody has seen, the oldest first."""
        with _step("fetch"):
            answer = self._client.uid("SEARCH", "UNSEEN", "UNDELETED")
            _require(answer)
        return [one.decode() for one in (answer[1][0] or b"").split()]

    def fetch(self, uid: str) -> Fetched:
        """One mail; its size is asked before it is fetched."""
        with _step("fetch"):
            _, sizes = self._client.uid("FETCH", uid, "(RFC822.SIZE)")
            size = _SIZE.search(b" ".join(_texts(sizes)))
            if size is not None and int(size.group(1)) > MAIL_BYTES_MAX:
                return Fetched(uid=uid, raw=None, is_too_large=True)
            # Without a size the server said no, or somebody has removed it meanwhile.
            parts = self._client.uid("FETCH", uid, "(BODY.PEEK[])")[1] if size is not None else []
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if raw is not None and len(raw) > MAIL_BYTES_MAX:
            return Fetched(uid=uid, raw=None, is_too_large=True)
        return Fetched(uid=uid, raw=raw)

    def done(self, uid: str) -> None:
        """It is stored, or will never be taken: nobody needs to look at it again."""
        with _step("fetch"):
            self._client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._client.logout()


def _texts(parts: list[bytes | tuple[bytes, bytes] | None]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, tuple):
            yield part[0]
        elif part is not None:
            yield part


def _require(answer: tuple[str, object]) -> None:
    """An answer "NO" is no error to the library."""
    if answer[0] != "OK":
        raise imaplib.IMAP4.error


@contextmanager
def _step(name: str) -> Iterator[None]:
    """What servers answer may name people: only the step is told."""
    try:
        yield
    except MailboxError:
        raise
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(name) from error
