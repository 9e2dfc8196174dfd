"""State and event are one write: the update that changes a document also pushes its events into the document's `outbox`.

Documents with an outbox hold `version` (raised by every change), `event_sequence` (of the last event pushed),
`outbox` (events not yet published) and, while there are any, `relay_at` (sparse index; when the relay should look).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.envelope import RECORD_BYTES_MAX, Envelope
from shared.events import AUDIT, Event
from shared.mongo import Document

OUTBOX_EVENTS_MAX = 50


@dataclass(frozen=True, kw_only=True)
class PendingEvent:
    """One event, ready for the wire: published as stored, also when it is published again."""

    envelope: Envelope
    topic: str
    key: str
    body: bytes

    def to_document(self) -> Document:
        return {
            "id": self.envelope.id,
            "source": self.envelope.source,
            "type": self.envelope.type,
            "subject": self.envelope.subject,
            "time": self.envelope.time.isoformat(),
            "sequence": self.envelope.sequence,
            "traceparent": self.envelope.traceparent,
            "topic": self.topic,
            "key": self.key,
            "body": self.body,
        }

    @classmethod
    def from_document(cls, document: Document) -> "PendingEvent":
        attributes = {name: document[name] for name in ("id", "source", "type", "subject", "sequence", "traceparent")}
        return cls(
            envelope=Envelope(time=datetime.fromisoformat(document["time"]), **attributes),
            topic=document["topic"],
            key=document["key"],
            body=bytes(document["body"]),
        )


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What one document has to publish at one version: handed to the relay right after the write."""

    document_id: str
    version: int
    events: tuple[PendingEvent, ...]

    @property
    def size_bytes(self) -> int:
        return sum(len(event.body) for event in self.events)


def pending(
    event: Event,
    *,
    event_id: str,
    source: str,
    subject: str,
    sequence: int,
    now: datetime,
    traceparent: str,
    key: str = "",
) -> PendingEvent:
    """Make an event ready for the outbox. `key` is the Kafka key; the aggregate's id where nothing else is said.

    Raises:
        ValueError: the event is larger than consumers accept; refused before the write, since it would block the outbox.

    """
    body = event.model_dump_json().encode()
    if len(body) > RECORD_BYTES_MAX:
        raise ValueError(f"the event has {len(body)} bytes, at most {RECORD_BYTES_MAX} may be published")
    return PendingEvent(
        envelope=Envelope(
            id=event_id,
            source=source,
            type=event.type,
            subject=subject,
            time=now,
            sequence=sequence,
            traceparent=traceparent,
        ),
        topic=event.topic,
        key=key or subject,
        body=body,
    )


def new_document(fields: Mapping[str, Any], events: Sequence[PendingEvent], *, now: datetime) -> Document:
    """A first version of a document together with its events; `fields` holds its `_id`."""
    document = {
        **fields,
        "version": 1,
        "event_sequence": _last_of_its_own(events) or 0,
        "outbox": [event.to_document() for event in events],
    }
    return {**document, "relay_at": now} if events else document


def guard(document_id: str, version: int) -> Document:
    """The filter of a guarded update: nobody changed the document meanwhile, and its outbox has room."""
    return {"_id": document_id, "version": version, f"outbox.{OUTBOX_EVENTS_MAX - 1}": {"$exists": False}}


def change(
    *, now: datetime, fields: Mapping[str, Any], events: Sequence[PendingEvent] = (), remove: Sequence[str] = ()
) -> Document:
    """The update that belongs to `guard`: sets `fields`, removes `remove`, raises the version, pushes the events."""
    update: Document = {"$set": dict(fields), "$inc": {"version": 1}}
    if remove:
        update["$unset"] = dict.fromkeys(remove, "")
    if events:
        update["$set"]["relay_at"] = now
        sequence = _last_of_its_own(events)
        if sequence is not None:
            update["$set"]["event_sequence"] = sequence
        update["$push"] = {"outbox": {"$each": [event.to_document() for event in events]}}
    return update


def _last_of_its_own(events: Sequence[PendingEvent]) -> int | None:
    """The number of the last event in the document's own stream: what staff did is told in another one."""
    return next((one.envelope.sequence for one in reversed(events) if one.topic != AUDIT), None)


def waiting(document: Document) -> Waiting:
    """What a document, as read or as just written, has to publish."""
    return Waiting(
        document_id=document["_id"],
        version=document["version"],
        events=tuple(PendingEvent.from_document(row) for row in document.get("outbox", ())),
    )
