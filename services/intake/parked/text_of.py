"""The plain text of a mail, for staff to read: cut short, with nothing in it that a page or a terminal acts on. Pure."""

import binascii
import re
import unicodedata
from typing import Final

from services.intake.imip.fields import read_fields, read_value
from services.intake.imip.limits import DEPTH_MAX, FIELD_BYTES_MAX, overstepped, split_headers
from services.intake.imip.mime_walk import BOUNDARY, parts_between

TEXT_CHARACTERS_MAX: Final = 4_000
_TEXT_BYTES_MAX: Final = 65_536
"""Of one part; what is shown lies within it."""
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_SINGLE_BYTE: Final = frozenset({"iso-8859-1", "iso-8859-15", "latin-1", "latin1", "windows-1252", "cp1252"})


def text_of(raw: bytes) -> str:
    """The first plain text in a mail, outside of quoted mails; empty where there is none, or the mail is too large to be read."""
    return "" if overstepped(raw) else _cut(_found(raw, depth=0))


def _found(part: bytes, *, depth: int) -> str:
    headers, body = split_headers(part)
    if any(len(line) > FIELD_BYTES_MAX for line in headers.split(b"\n")):
        return ""
    fields = read_fields(headers)
    kind = read_value(fields.first("content-type"))
    main = kind.main or "text/plain"
    if main == "text/plain":
        how = (fields.first("content-transfer-encoding") or "").strip().lower()
        return _decoded(_unpacked(body[:_TEXT_BYTES_MAX], how), kind.parameters.get("charset", ""))
    boundary = kind.parameters.get("boundary", "")
    is_entered = main.startswith("multipart/") and main != "multipart/report" and depth < DEPTH_MAX
    if not is_entered or not BOUNDARY.fullmatch(boundary):
        return ""
    # Only lines that begin with it part anything: these were counted before.
    for inner in parts_between(body, boundary):
        text = _found(inner, depth=depth + 1)
        if text.strip():
            return text
    return ""


def _unpacked(body: bytes, how: str) -> bytes:
    if how == "quoted-printable":
        return binascii.a2b_qp(body)
    if how == "base64":
        letters = _NOT_BASE64.sub(b"", body.partition(b"=")[0])
        letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    return body


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        single = charset.strip().lower() in _SINGLE_BYTE
        return content.decode("cp1252" if single else "utf-8", "replace")


def _cut(text: str) -> str:
    """Controls, and what turns the direction of writing around, are left out."""
    plain = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Co", "Cn"))
    return plain.strip()[:TEXT_CHARACTERS_MAX]
