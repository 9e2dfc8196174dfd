"""Finds the parts of a report: those for machines, and of which other kind of report there are some. Pure.

By the same walk as that of calendar answers, within the same limits, and not by the library's: that one needs seconds for what 1 MB
can hold. What a mail quotes is never entered, so a report that somebody passes on is none.
"""

from dataclasses import dataclass, field
from typing import Final

from services.intake.imip.fields import Fields, read_fields, read_value
from services.intake.imip.limits import DEPTH_MAX, HEADERS_BYTES_MAX, Overstepped, fields_overstepped, split_headers
from services.intake.imip.mime_walk import BOUNDARY, decoded, parts_between

_STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RECEIPT: Final = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_COMPLAINT: Final = "message/feedback-report"


@dataclass(slots=True)
class ReportParts:
    """`status` are the decoded parts for machines. `is_report`: the mail says of itself that it is a report of some kind."""

    status: list[bytes] = field(default_factory=list)
    is_report: bool = False
    is_receipt: bool = False
    is_complaint: bool = False
    overstepped: Overstepped | None = None


def report_parts(fields: Fields, body: bytes) -> ReportParts:
    """Look at every part once. Parts for machines count within a multipart/report only, or where one is the whole mail."""
    found = ReportParts()
    waiting: list[tuple[Fields, bytes, int, bool]] = [(fields, body, 0, False)]
    while waiting and found.overstepped is None:
        its_fields, content, depth, in_report = waiting.pop()
        kind = read_value(its_fields.first("content-type"))
        boundary = kind.parameters.get("boundary", "")
        if kind.main in _STATUS and (in_report or depth == 0):
            found.is_report = True
            found.status.append(decoded(content, its_fields.first("content-transfer-encoding")))
        elif kind.main in _RECEIPT:
            found.is_receipt = True
        elif kind.main == _COMPLAINT:
            found.is_complaint = True
        elif kind.main.startswith("multipart/") and BOUNDARY.fullmatch(boundary):
            found.is_report |= kind.main == "multipart/report"
            inner = _inner(content, boundary, depth)
            if isinstance(inner, str):
                found.overstepped = inner
            else:
                within = in_report or kind.main == "multipart/report"
                waiting += [(*one, depth + 1, within) for one in inner]
    return found


def _inner(content: bytes, boundary: str, depth: int) -> list[tuple[Fields, bytes]] | Overstepped:
    """The parts of a multipart, the last one first; or the limit that they break."""
    if depth == DEPTH_MAX:
        return "too-many-parts"
    inner: list[tuple[Fields, bytes]] = []
    for part in parts_between(content, boundary):
        headers, its_body = split_headers(part)
        if len(headers) > HEADERS_BYTES_MAX or fields_overstepped(headers):
            return "headers-too-large"
        inner.append((read_fields(headers), its_body))
    return inner[::-1]
