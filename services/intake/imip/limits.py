"""What a mail may measure before anything in it is read: bytes that keep parsers busy for minutes are refused here. Pure."""

import re
from typing import Final, Literal

MESSAGE_BYTES_MAX: Final = 1_048_576
HEADERS_BYTES_MAX: Final = 65_536
"""All header fields of the mail together; the fields of each part may have as much."""
FIELD_BYTES_MAX: Final = 4_096
"""One field that is read: From, Content-..., Authentication-Results. Answers of real programs need a tenth of it."""
BOUNDARY_LINES_MAX: Final = 50
"""Lines that could begin a part. Real answers have at most ten."""
DEPTH_MAX: Final = 8
"""Multiparts within multiparts."""

Overstepped = Literal["too-large", "headers-too-large", "too-many-parts"]

_BLANK_LINE: Final = re.compile(rb"^\r?\n", re.MULTILINE)
# Two hyphens begin a boundary line, but not those before a signature ("-- ").
_BOUNDARY_LINE: Final = re.compile(rb"^--\S", re.MULTILINE)
_READ_FIELD: Final = re.compile(
    rb"^(?:from|content-[a-z-]+|authentication-results)[ \t]*:.*(?:\n[ \t].*)*", re.MULTILINE | re.IGNORECASE
)


def overstepped(raw: bytes) -> Overstepped | None:
    """The first limit that a mail breaks; takes time in proportion to its length."""
    if len(raw) > MESSAGE_BYTES_MAX:
        return "too-large"
    headers, _ = split_headers(raw)
    if len(headers) > HEADERS_BYTES_MAX:
        return "headers-too-large"
    if fields_overstepped(headers):
        return "headers-too-large"
    if sum(1 for _ in _BOUNDARY_LINE.finditer(raw)) > BOUNDARY_LINES_MAX:
        return "too-many-parts"
    return None


def fields_overstepped(headers: bytes) -> bool:
    """Whether a field that would be read is too long."""
    return any(len(found[0]) > FIELD_BYTES_MAX for found in _READ_FIELD.finditer(headers))


def split_headers(raw: bytes) -> tuple[bytes, bytes]:
    """The header fields and the body, parted at the first empty line; without one, all of it is header fields."""
    blank = _BLANK_LINE.search(raw)
    return (raw, b"") if blank is None else (raw[: blank.start()], raw[blank.end() :])
