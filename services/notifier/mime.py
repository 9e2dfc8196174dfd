"""Turns one composed mail into the bytes that go over the wire; the same mail gives the same bytes at every attempt.

A calendar mail has the one structure that all measured programs act on: mixed{alternative{plain, html, calendar}, ics}.
"""

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, quote
from typing import Literal

from shared.mail_address import one_address

HEADER_CHARS_MAX = 200
"""Of a subject or a sender's name."""
MAIL_BYTES_MAX = 100_000
"""Some mail programs cut a longer message and hide its end."""

_QUOTED_CHARS_MAX = 60
"""Longer ASCII texts are encoded, too, which folds them below the 78 columns of RFC 5322."""
_LINE_END = "\r\n"
_ATTACHED = "Content-Disposition: attachment; filename=invite.ics"
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._=+-]{1,120}@[A-Za-z0-9.-]{1,120}>")


class HeaderError(ValueError):
    """A value that must not stand in a mail header. The message names the header and never the value."""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A finished calendar object, sent as it stands. `method` must be the METHOD inside."""

    method: Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
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
    """The message in 7-bit bytes with CRLF. HeaderError or AddressError for values that must not stand in a header.

    Written out by hand: the structure is constant, its bytes are then exactly these, and it takes a tenth of the time.
    """
    boundary = _Boundaries(mail.message_id)
    bodies = [
        _part("text/plain; charset=utf-8", _lines(mail.text)),
        _part("text/html; charset=utf-8", _lines(mail.html)),
    ]
    if mail.calendar is None:
        body = _multipart("alternative", bodies, boundary.inner)
    else:
        bodies.append(_calendar_part(mail.calendar))
        alternatives = _multipart("alternative", bodies, boundary.inner)
        attachment = _part("application/ics; name=invite.ics", mail.calendar.ics, _ATTACHED)
        body = _multipart("mixed", [alternatives, attachment], boundary.outer)
    written = _block(*_headers(mail)) + body
    if len(written) > MAIL_BYTES_MAX:
        raise ValueError(f"a mail may have at most {MAIL_BYTES_MAX} bytes, this one has {len(written)}")
    return written


def _headers(mail: Mail) -> list[str]:
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise HeaderError("Message-ID must have the form <letters@domain>")
    if mail.date.tzinfo is None:
        raise HeaderError("Date must be an aware instant")
    headers = [
        f"From: {_display_name(mail.sender_name)}{_LINE_END} <{one_address(mail.sender)}>",
        f"To: {one_address(mail.recipient)}",
        f"Subject: {_encoded('Subject', _one_line('Subject', mail.subject))}",
        f"Date: {format_datetime(mail.date.astimezone(UTC))}",
        f"Message-ID: {mail.message_id}",
        f"Content-Language: {mail.language}",
        "MIME-Version: 1.0",
    ]
    if mail.reply_to is not None:
        headers.append(f"Reply-To: {one_address(mail.reply_to)}")
    if mail.calendar is None:
        headers.append("Auto-Submitted: auto-generated")
    return headers


def _one_line(header: str, value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise HeaderError(f"{header} must be one line without control characters")
    if len(value) > HEADER_CHARS_MAX:
        raise HeaderError(f"{header} may have at most {HEADER_CHARS_MAX} characters")
    return value


def _display_name(name: str) -> str:
    """A quoted string, or RFC 2047 encoded words; either may stand before an address whatever the name holds."""
    _one_line("From", name)
    if len(name) <= _QUOTED_CHARS_MAX and name.isascii() and "=?" not in name:
        return f'"{quote(name)}"'
    return _encoded("From", name)


def _encoded(header: str, value: str) -> str:
    """As it is where that is safe and short, else as encoded words (RFC 2047), folded."""
    if header != "From" and len(value) <= _QUOTED_CHARS_MAX and value.isascii() and "=?" not in value:
        return value
    return Header(value, "utf-8", header_name=header).encode(linesep=_LINE_END)


def _lines(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", _LINE_END).encode("utf-8")


def _calendar_part(calendar: CalendarPart) -> bytes:
    """The last of the alternatives and without a disposition, or programs offer no yes and no."""
    if f"\r\nMETHOD:{calendar.method}\r\n".encode() not in calendar.ics:
        raise ValueError("the method of a calendar mail must be the METHOD of its object")
    return _part(f"text/calendar; method={calendar.method}; charset=utf-8", calendar.ics)


def _part(content_type: str, content: bytes, *headers: str) -> bytes:
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return _block(f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64", *headers) + b"\r\n" + lines


def _multipart(subtype: str, parts: list[bytes], boundary: str) -> bytes:
    """RFC 2046 5.1.1: each part after a line with the boundary, a closing line with two more hyphens at the end."""
    opening = f"{_LINE_END}--{boundary}{_LINE_END}".encode()
    closing = f"{_LINE_END}--{boundary}--{_LINE_END}".encode()
    content_type = _block(f'Content-Type: multipart/{subtype};{_LINE_END} boundary="{boundary}"')
    return content_type + b"".join(opening + part for part in parts) + closing


def _block(*headers: str) -> bytes:
    return "".join(f"{header}{_LINE_END}" for header in headers).encode("ascii")


class _Boundaries:
    """Fixed by the Message-ID, so the bytes repeat. `=_` cannot occur in base64, so no part can hold a boundary."""

    def __init__(self, message_id: str) -> None:
        digest = hashlib.sha256(message_id.encode()).hexdigest()
        self.inner = f"=_{digest[:32]}"
        self.outer = f"=_{digest[32:]}"
