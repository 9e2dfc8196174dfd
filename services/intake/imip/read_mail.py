"""Reads a mail for what it says about a meeting. Pure, and never raises, whatever the bytes are."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from services.intake.imip.authentication import authentication_of
from services.intake.imip.automatic import perhaps_automatic, surely_automatic
from services.intake.imip.calendar_part import Part, read_part
from services.intake.imip.fields import Fields, read_fields
from services.intake.imip.limits import MESSAGE_BYTES_MAX, overstepped, split_headers
from services.intake.imip.mime_walk import CalendarPart, walk
from services.intake.imip.sender import sender_of
from services.intake.imip.understood import Dropped, Parked, Understood, not_ours

DATE_CHARACTERS_MAX: Final = 100
_MESSAGE_ID: Final = re.compile(r"<[\x21-\x7e]{1,500}>")


def read_mail(raw: bytes, *, authserv_id: str | None, envelope_from: str | None = None) -> Understood:
    """What a mail says.

    `authserv_id` is the name by which our own mail server signs its findings (RFC 8601); without it nothing is believed.
    `envelope_from` is the sender of the envelope: empty for a null return path, None where it is not known.
    """
    try:
        return read(raw, authserv_id=authserv_id, envelope_from=envelope_from)
    except MemoryError:
        return not_ours("overran")
    except Exception:  # noqa: BLE001 - one strange mail must not stop those behind it; a human will look at it
        return not_ours("unreadable")


def read(raw: bytes, *, authserv_id: str | None, envelope_from: str | None) -> Understood:
    """As `read_mail`, without its net: tests call this one, so that nothing is caught there unseen."""
    broken = overstepped(raw)
    if broken is not None:
        return not_ours(broken)
    headers, body = split_headers(raw)
    fields = read_fields(headers)
    sender = sender_of(fields)
    about_mail = {
        "sender": sender,
        "message_id": _message_id(fields),
        "sent_at": _sent_at(fields),
        "authentication": authentication_of(fields, authserv_id=authserv_id, sender=sender),
    }
    return _said(fields, body, sender=sender, envelope_from=envelope_from).model_copy(update=about_mail)


def read_calendar(content: bytes) -> Understood:
    """What a calendar part says by itself, without a mail around it."""
    if len(content) > MESSAGE_BYTES_MAX:
        return not_ours("too-large")
    return _understood(read_part(CalendarPart(0, content, None), sender=None))


def _said(fields: Fields, body: bytes, *, sender: str | None, envelope_from: str | None) -> Understood:
    automatic = surely_automatic(fields, envelope_from)
    if automatic is not None:
        return not_ours(automatic)
    walked = walk(fields, body)
    if walked.overstepped is not None:
        return not_ours(walked.overstepped)
    in_order = sorted(walked.calendars, key=lambda part: part.rank)
    parts = [read_part(part, sender=sender) for part in in_order]
    if not parts:
        return not_ours(_without_calendar(fields, quoted=walked.quoted, report=walked.report))
    best = _understood(parts[0])
    if len({part.core() for part in parts}) > 1:
        disagree = not_ours("parts-disagree")
        return best.model_copy(update=disagree.model_dump(include={"what", "reason", "drop", "alarm"}))
    speaks = best.drop or best.method in ("REPLY", "COUNTER")
    return not_ours("auto-reply") if not speaks and perhaps_automatic(fields) else best


def _without_calendar(fields: Fields, *, quoted: bool, report: bool) -> Dropped | Parked:
    if report:
        return "bounce"
    if quoted:
        return "forwarded-copy"
    return "auto-reply" if perhaps_automatic(fields) else "no-calendar-part"


def _understood(part: Part) -> Understood:
    what: dict[str, object]
    if part.fault is None or part.fault == "proposal-unreadable":
        what = {"what": "counter" if part.method == "COUNTER" else "answer", "reason": part.fault or "ok"}
    else:
        what = not_ours(part.fault).model_dump(include={"what", "reason", "drop", "alarm"})
    return Understood.model_validate(
        {
            **what,
            "method": part.method,
            "uid": part.uid,
            "attendee": part.attendee,
            "attendees": part.attendees,
            "partstat": part.partstat,
            "sequence": part.sequence,
            "dtstamp": part.dtstamp,
            "proposed_start": part.proposed_start,
            "proposed_end": part.proposed_end,
            "comment": part.comment,
        }
    )


def _message_id(fields: Fields) -> str | None:
    found = _MESSAGE_ID.search(fields.first("message-id") or "")
    return found[0] if found else None


def _sent_at(fields: Fields) -> datetime | None:
    text = fields.first("date")
    if text is None or len(text) > DATE_CHARACTERS_MAX:
        return None
    try:
        read = parsedate_to_datetime(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
