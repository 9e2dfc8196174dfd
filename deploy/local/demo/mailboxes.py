"""Reads mailboxes over IMAP, as people's mail programs do: letters, the links in them, and the calendar objects."""

import email
import imaplib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from icalendar import Calendar

TIMEOUT_SECONDS = 20
READERS = 8
_LINK = re.compile(r"https?://[^\s<>\"]+/(s|svar|forloeb)/[A-Za-z0-9_-]+")
Kind = Literal["s", "svar", "forloeb"]
"""What a link is for, as its address says: a status page, an answer that waits to be confirmed, a consultant's page of a course."""


@dataclass(frozen=True, kw_only=True)
class CalendarObject:
    """What a calendar program reads. `mail_method` is the one that the mail itself states, `method` that of the object."""

    mail_method: str
    method: str
    uid: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    comment: str
    attendees: tuple[str, ...]
    organizer: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail as it lies in a mailbox."""

    message_id: str
    subject: str
    text: str
    calendar: CalendarObject | None

    @property
    def links(self) -> list[str]:
        """Addresses of status pages, in their order."""
        return self.links_to("s")

    def links_to(self, kind: Kind) -> list[str]:
        return list(dict.fromkeys(found[0] for found in _LINK.finditer(self.text) if found[1] == kind))


class MailReader(Protocol):
    """Whatever shows what lies in people's inboxes."""

    def read_all(self, addresses: Iterable[str]) -> dict[str, list[Letter]]:
        """The inboxes of these addresses, each oldest first."""


class Mailboxes:
    """All mailboxes of one mail server; the address is the user, and the password is the same for all.

    What was read is kept: nobody deletes a letter here, so only newer ones are fetched the next time. So many
    connections are kept, too, as logging in costs the server far more than looking does; whoever wants some closes them.
    """

    def __init__(self, *, imap: str, password: str, connections_max: int = 0) -> None:
        parts = urlsplit(imap)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._password = password
        self._connections_max = connections_max
        self._known: dict[str, list[Letter]] = {}
        self._clients: dict[str, imaplib.IMAP4] = {}

    def read(self, address: str) -> list[Letter]:
        """Everything in the inbox of this address, oldest first; nothing is marked as read."""
        known, client = self._known.setdefault(address, []), self._client(address)
        count = int(client.select("INBOX", readonly=True)[1][0] or 0)
        if count > len(known):
            rows = client.fetch(f"{len(known) + 1}:{count}", "(BODY.PEEK[])")[1]
            known += [read_letter(row[1]) for row in rows if isinstance(row, tuple)]
        if self._clients.get(address) is not client:
            client.logout()
        return list(known)

    def read_all(self, addresses: Iterable[str]) -> dict[str, list[Letter]]:
        """The inboxes of several addresses, read at the same time."""
        wanted = sorted(set(addresses))
        with ThreadPoolExecutor(READERS) as readers:
            return dict(zip(wanted, readers.map(self.read, wanted), strict=True))

    def close(self) -> None:
        """Log out everywhere; whatever is asked for afterwards logs in again."""
        while self._clients:
            with suppress(OSError, imaplib.IMAP4.error):
                self._clients.popitem()[1].logout()

    def _client(self, address: str) -> imaplib.IMAP4:
        if address in self._clients:
            return self._clients[address]
        client = imaplib.IMAP4(self._host, self._port, timeout=TIMEOUT_SECONDS)
        client.login(address.lower(), self._password)
        if len(self._clients) < self._connections_max:
            self._clients[address] = client
        return client


def read_letter(content: bytes) -> Letter:
    """A mail as it came, read as a mail program reads it."""
    mail: EmailMessage = email.message_from_bytes(content, policy=default)
    plain, calendar = mail.get_body(("plain",)), None
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            calendar = _calendar_object(part.get_content(), str(part.get_param("method")))
    return Letter(
        message_id=str(mail["Message-ID"]),
        subject=str(mail["Subject"]),
        text=plain.get_content() if plain is not None else "",
        calendar=calendar,
    )


def _calendar_object(ics: str, mail_method: str) -> CalendarObject:
    calendar = Calendar.from_ical(ics)
    event: Any = calendar.events[0]
    attendees = event.get("ATTENDEE", [])
    return CalendarObject(
        mail_method=mail_method,
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        dtstamp=_instant(event["DTSTAMP"].dt),
        starts_at=_instant(event["DTSTART"].dt),
        ends_at=_instant(event["DTEND"].dt),
        summary=str(event.get("SUMMARY", "")),
        comment=str(event.get("COMMENT", "")),
        attendees=tuple(_address(one) for one in (attendees if isinstance(attendees, list) else [attendees])),
        organizer=_address(event.get("ORGANIZER", "")),
    )


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("a meeting starts and ends at an instant")
    return value.astimezone(UTC)


def _address(value: object) -> str:
    return str(value).removeprefix("mailto:").removeprefix("MAILTO:").lower()
