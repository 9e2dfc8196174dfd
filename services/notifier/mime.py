"""Turns one composed mail into the bytes that go over the wire; the same mail gives the same bytes at every attempt.

A calendar mail has the one structure that all measured programs act on: mixed{alternative{plain, html, calendar}, ics}.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from shared.mail_address import one_address

SUBJECT_CHARS_MAX = 200
MAIL_BYTES_MAX = 100_000
"""Some mail programs cut a longer message and hide its end."""

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._=+-]{1,120}@[A-Za-z0-9.-]{1,120}>")
_UTF8 = {"charset": "utf-8"}


class HeaderError(ValueError):
    """A value that must not stand in a mail header. The message names the header and never the value."""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A finished calendar object, sent as it stands. `method` must be the METHOD inside."""

    method: Literal["REQUEST", "CANCEL"]
    ics: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything that one mail to one recipient is made of. `message_id` is fixed before the first attempt."""

    message_id: str
    date: datetime
    sender_name: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    language: Literal["da", "en"]
    calendar: CalendarPart | None = None
    reply_to: str | None = None


def mail_bytes(mail: Mail) -> bytes:
    """The message in 7-bit bytes with CRLF. HeaderError or AddressError for values that must not stand in a header."""
    message = EmailMessage(policy=SMTP)
    for name, value in _headers(mail):
        message[name] = value
    message.set_content(_lines(mail.text), "text", "plain", cte="base64", params=_UTF8)
    message.add_alternative(_lines(mail.html), "text", "html", cte="base64", params=_UTF8)
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar)
    # Last, because making parts moves every Content header into the first of them.
    message["Content-Language"] = mail.language
    _fix_boundaries(message, mail.message_id)
    written = message.as_bytes()
    if len(written) > MAIL_BYTES_MAX:
        raise ValueError(f"a mail may have at most {MAIL_BYTES_MAX} bytes, this one has {len(written)}")
    return written


def _headers(mail: Mail) -> list[tuple[str, str | Address]]:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise HeaderError("Message-ID must have the form <letters@domain>")
    if mail.date.tzinfo is None:
        raise HeaderError("Date must be an aware instant")
    headers: list[tuple[str, str | Address]] = [
        ("From", Address(_one_line("From", mail.sender_name), addr_spec=one_address(mail.sender))),
        ("To", Address(addr_spec=one_address(mail.recipient))),
        ("Subject", _one_line("Subject", mail.subject)),
        ("Date", f"{mail.date.astimezone(UTC):%a, %d %b %Y %H:%M:%S} +0000"),
        ("Message-ID", mail.message_id),
    ]
    if mail.reply_to is not None:
        headers.append(("Reply-To", Address(addr_spec=one_address(mail.reply_to))))
    if mail.calendar is None:
        headers.append(("Auto-Submitted", "auto-generated"))
    return headers


def _one_line(header: str, value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise HeaderError(f"{header} must be one line without control characters")
    if len(value) > SUBJECT_CHARS_MAX:
        raise HeaderError(f"{header} may have at most {SUBJECT_CHARS_MAX} characters")
    return value


def _lines(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def _add_calendar(message: EmailMessage, calendar: CalendarPart) -> None:
    """As bytes, since the library turns CRLF into LF in text; the calendar part last, without a disposition."""
    if f"\r\nMETHOD:{calendar.method}\r\n".encode() not in calendar.ics:
        raise ValueError("the method of a calendar mail must be the METHOD of its object")
    parameters = {"method": calendar.method, **_UTF8}
    message.add_alternative(calendar.ics, "text", "calendar", cte="base64", params=parameters)
    message.add_attachment(calendar.ics, maintype="application", subtype="ics", filename="invite.ics")


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """The library would draw them at random. `=_` cannot occur in base64, so no part can contain a boundary."""
    for number, part in enumerate(each for each in message.walk() if each.is_multipart()):
        digest = hashlib.sha256(f"{number} {message_id}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")
