"""Finds the calendar parts of a mail without entering what it quotes: attached mails and reports. Pure.

An own walk, because the library's goes into everything, needs seconds for what 1 MB can hold, and fails on deep nesting.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from services.intake.imip.fields import Fields, Value, read_fields, read_value
from services.intake.imip.limits import DEPTH_MAX, HEADERS_BYTES_MAX, Overstepped, fields_overstepped, split_headers

_DASHED: Final = re.compile(rb"^--(.*)$", re.MULTILINE)
_BASE64_REST: Final = re.compile(rb"[^A-Za-z0-9+/]+")
# RFC 2046 section 5.1.1 allows 70 characters; some programs write more. Blanks around it would escape the count of lines.
BOUNDARY: Final = re.compile(r"\S(?:.{0,198}\S)?")
_RANKS: Final = 4


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """The bytes of a calendar part, decoded, and what its Content-Type names. `rank` 0 is the best place to look."""

    rank: int
    content: bytes
    charset: str | None


@dataclass(slots=True)
class Walked:
    """What the walk met. `quoted` and `report` tell of parts that were not entered."""

    calendars: list[CalendarPart] = field(default_factory=list)
    quoted: bool = False
    report: bool = False
    overstepped: Overstepped | None = None


def walk(fields: Fields, body: bytes) -> Walked:
    """Look at every part once. What goes too deep or has too long fields is told in `overstepped`."""
    walked = Walked()
    waiting: list[tuple[Fields, bytes, int]] = [(fields, body, 0)]
    while waiting and walked.overstepped is None:
        its_fields, content, depth = waiting.pop()
        kind = read_value(its_fields.first("content-type"))
        boundary = kind.parameters.get("boundary", "")
        if kind.main.startswith("message/"):
            walked.quoted |= kind.main in ("message/rfc822", "message/global")
            walked.report |= kind.main not in ("message/rfc822", "message/global")
        elif kind.main == "multipart/report":
            walked.report = True
        elif kind.main.startswith("multipart/") and BOUNDARY.fullmatch(boundary):
            if depth == DEPTH_MAX:
                walked.overstepped = "too-many-parts"
            for part in reversed(list(parts_between(content, boundary))):
                headers, inner = split_headers(part)
                if len(headers) > HEADERS_BYTES_MAX or fields_overstepped(headers):
                    walked.overstepped = "headers-too-large"
                    break
                waiting.append((read_fields(headers), inner, depth + 1))
        else:
            rank = _rank(kind, read_value(its_fields.first("content-disposition")))
            if rank < _RANKS:
                content = decoded(content, its_fields.first("content-transfer-encoding"))
                walked.calendars.append(CalendarPart(rank, content, kind.parameters.get("charset")))
    return walked


def _rank(kind: Value, disposition: Value) -> int:
    if kind.main == "text/calendar":
        return 0 if "method" in kind.parameters else 1
    if kind.main == "application/ics":
        return 2
    named = (kind.parameters.get("name", ""), disposition.parameters.get("filename", ""))
    return 3 if any(name.strip().lower().endswith(".ics") for name in named) else _RANKS


def parts_between(body: bytes, boundary: str) -> Iterator[bytes]:
    """The bytes between boundary lines; the line end before a boundary belongs to it. A last part may lack its end."""
    between = boundary.encode("utf-8", "replace")
    began: int | None = None
    for line in _DASHED.finditer(body):
        said = line[1].rstrip()
        if said not in (between, between + b"--"):
            continue
        if began is not None:
            yield body[began : line.start()].removesuffix(b"\n").removesuffix(b"\r")
        if said != between:
            return
        began = line.end() + 1
    if began is not None:
        yield body[began:]


def decoded(content: bytes, encoding: str | None) -> bytes:
    """The bytes of a part without its Content-Transfer-Encoding; what is broken in it is passed over."""
    how = (encoding or "").strip().lower()
    if how == "base64":
        letters = _BASE64_REST.sub(b"", content.partition(b"=")[0])
        letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    if how == "quoted-printable":
        return binascii.a2b_qp(content)
    return content
