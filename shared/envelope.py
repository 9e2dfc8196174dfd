"""CloudEvents 1.0 over Kafka in binary mode: attributes are `ce_` headers, the body is the JSON of the event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.errors import RecordFaultError

CONTENT_TYPE = "application/json"
RECORD_BYTES_MAX = 768 * 1024

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """The attributes of one event. `subject` is the aggregate id, `sequence` its number within topic and aggregate, from 1."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int
    traceparent: str


def to_headers(envelope: Envelope) -> Headers:
    """Kafka headers of the binary content mode (CloudEvents Kafka binding 1.0, section 3.2)."""
    attributes = {
        "content-type": CONTENT_TYPE,
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_source": envelope.source,
        "ce_type": envelope.type,
        "ce_subject": envelope.subject,
        "ce_time": envelope.time.astimezone(UTC).isoformat(),
        "ce_sequence": str(envelope.sequence),
        "traceparent": envelope.traceparent,
    }
    return [(name, value.encode()) for name, value in attributes.items()]


def from_headers(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The attributes again; other headers are ignored, of a repeated one the last counts.

    Raises:
        RecordFaultError: an attribute is missing or unreadable; the reason names it (`header-ce_id`), never its value.

    """
    found: dict[str, str] = {}
    for name, value in headers:
        try:
            found[name] = "" if value is None else value.decode()
        except UnicodeDecodeError:
            found[name] = ""
    if found.get("ce_specversion") != "1.0":
        raise RecordFaultError("header-ce_specversion")
    for name in ("ce_id", "ce_source", "ce_type", "ce_subject"):
        if not found.get(name):
            raise RecordFaultError(f"header-{name}")
    return Envelope(
        id=found["ce_id"],
        source=found["ce_source"],
        type=found["ce_type"],
        subject=found["ce_subject"],
        time=_time(found.get("ce_time", "")),
        sequence=_sequence(found.get("ce_sequence", "")),
        traceparent=found.get("traceparent", ""),
    )


def _sequence(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15 or int(text) < 1:  # noqa: PLR2004 - fits a long
        raise RecordFaultError("header-ce_sequence")
    return int(text)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RecordFaultError("header-ce_time") from None
    if time.tzinfo is None:
        raise RecordFaultError("header-ce_time")
    return time
