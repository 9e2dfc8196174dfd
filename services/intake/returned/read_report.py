"""Reads a mail that came to one of our return paths: did ours fail, is it late, or is this something else? Pure, and never raises."""

from services.intake.imip.fields import read_fields
from services.intake.imip.limits import overstepped, split_headers
from services.intake.parked.text_of import text_of
from services.intake.returned.delivery_status import read_delivery_status
from services.intake.returned.in_words import read_words
from services.intake.returned.report import Report
from services.intake.returned.report_parts import report_parts


def read_report(raw: bytes, *, envelope_from: str | None) -> Report:
    """What a mail says. `envelope_from` is the sender of the envelope: empty for a null return path, None where it is not known."""
    try:
        return read(raw, envelope_from=envelope_from)
    except MemoryError:
        return Report(reason="overran")
    except Exception:  # noqa: BLE001 - one strange mail must not stop those behind it
        return Report(reason="unreadable")


def read(raw: bytes, *, envelope_from: str | None) -> Report:
    """As `read_report`, without its net: tests call this one, so that nothing is caught there unseen."""
    broken = overstepped(raw)
    if broken is not None:
        return Report(reason=broken)
    headers, body = split_headers(raw)
    fields = read_fields(headers)
    found = report_parts(fields, body)
    if found.overstepped is not None:
        return Report(reason=found.overstepped)
    if found.is_receipt:
        return Report(reason="read-receipt")
    if found.is_complaint:
        return Report(reason="complaint")
    if found.status:
        return read_delivery_status(found.status)
    path = envelope_from if envelope_from is not None else fields.first("return-path")
    said = read_words(fields, text_of(raw), return_path=None if path is None else path.strip().strip("<>"))
    return said if said.action or not found.is_report else Report(reason="no-action")
