"""A sighting: one record of any topic as the monitor keeps it. Every record gives one, junk too. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import ValidationError

from services.monitor.masking import code, masked, own_id
from shared.envelope import RECORD_BYTES_MAX, from_headers
from shared.errors import RecordFaultError
from shared.events import (
    DEAD_LETTERS,
    EVENTS,
    ApplicationEvent,
    ConsultantEvent,
    CourseEvent,
    Event,
    MailReturned,
    MessageEvent,
    StaffActed,
)

BODY_CHARACTERS_MAX = 64 * 1024
COUNT_MAX = 2**31
TYPE_PREFIX = "dk.forloeb."
DEAD_LETTER_FACTS = ("reason", "topic", "partition", "offset", "group", "attempts", "first-failed-at")


Facts = dict[str, str | int | None]


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """`number` orders what was seen; `timestamp` is the record's own, in milliseconds since 1970; `body` is masked JSON text.

    `fault` says why a record cannot be read as an event. Whatever is no id, code, number or instant is None.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    number: int = 0
    size_bytes: int = 0
    key: str | None = None
    type: str | None = None
    subject: str | None = None
    sequence: int | None = None
    ce_id: str | None = None
    source: str | None = None
    time: str | None = None
    application_id: str | None = None
    reference: str | None = None
    facts: Facts = field(default_factory=dict)
    fault: str | None = None
    body: str | None = None

    @property
    def id(self) -> str:
        """Where it lies in Kafka: no two records have the same."""
        return place(self.topic, self.partition, self.offset)

    def listed(self) -> dict[str, Any]:
        """As it stands in lists and in the live stream: without the body."""
        values = {"id": self.id} | asdict(self)
        values.pop("body")
        return values


def place(topic: str, partition: int, offset: int) -> str:
    return f"{topic}/{partition}/{offset}"


def sighting(record: Any) -> Sighting:
    """Read a record (aiokafka's) as far as it can be read; never raises for what is in it."""
    try:
        return _read(record)
    except Exception as error:  # noqa: BLE001 - no record may stop the monitor
        return bare(record, fault=f"unreadable-{type(error).__name__}")


def bare(record: Any, *, fault: str) -> Sighting:
    """Only that there is a record, and where."""
    return Sighting(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp or 0,
        size_bytes=len(record.value or b""),
        fault=fault,
    )


def _read(record: Any) -> Sighting:
    headers = _texts(record.headers)
    event, fault = _event(record, headers.get("ce_type", ""))
    application_id, reference = _application(event)
    # What is no event of ours may have been put together by anybody: of that only what has the form of our own ids.
    name = code if event else own_id
    sequence = headers.get("ce_sequence", "")
    return Sighting(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp or 0,
        size_bytes=len(record.value or b""),
        key=name((record.key or b"").decode("utf-8", "replace")),
        type=_type(headers.get("ce_type", "")),
        subject=name(headers.get("ce_subject")),
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 16 else None,  # noqa: PLR2004 - fits a long
        ce_id=name(headers.get("ce_id")),
        source=_source(headers.get("ce_source", "")) if event else None,
        time=code(headers.get("ce_time")) if event else None,
        application_id=application_id,
        reference=reference,
        facts=_facts(record.topic, headers, event),
        fault=fault,
        body=_body(event) if event else None,
    )


def _texts(headers: Any) -> dict[str, str]:
    """The last header of each name, without those that are no text."""
    found = {}
    for name, value in headers or ():
        try:
            found[name] = (value or b"").decode()
        except UnicodeDecodeError:
            found[name] = ""
    return found


def _type(text: str) -> str | None:
    """Ours, also of a newer producer; any other says nothing."""
    return code(text) if text.startswith(TYPE_PREFIX) else None


def _source(text: str) -> str | None:
    """Sources are paths, "/forloeb/intake"."""
    name = code(text.removeprefix("/"))
    return f"/{name}" if name else None


def _event(record: Any, kind_name: str) -> tuple[Event | None, str | None]:  # noqa: PLR0911 - a line for each fault
    """The event, or why there is none."""
    try:
        from_headers(record.headers)
    except RecordFaultError as error:
        return None, error.reason
    kind = EVENTS.get(kind_name)
    if kind is None:
        return None, "unknown-type"
    if record.topic not in (kind.topic, DEAD_LETTERS):
        return None, "wrong-topic"
    if not record.value:
        return None, "body-missing"
    if len(record.value) > RECORD_BYTES_MAX:
        return None, "body-oversized"
    try:
        return kind.model_validate_json(record.value), None
    except ValidationError:
        return None, "body-invalid"


def _application(event: Event | None) -> tuple[str | None, str | None]:
    """Its id and its reference, as far as the event tells them."""
    if isinstance(event, ApplicationEvent):
        return code(event.application.application_id), code(event.application.reference)
    if isinstance(event, CourseEvent):
        return code(event.course.application_id), code(event.course.reference)
    if isinstance(event, StaffActed):
        return code(event.staff_act.aggregate_id), None
    return (code(event.message.application_id) if isinstance(event, MessageEvent) else None), None


def _facts(topic: str, headers: Mapping[str, str], event: Event | None) -> Facts:
    """What a line says about the record beside its type."""
    if topic == DEAD_LETTERS:
        return {name.replace("-", "_"): code(headers.get(f"x-dlq-{name}")) for name in DEAD_LETTER_FACTS}
    facts: Facts = {}
    if isinstance(event, ApplicationEvent):
        facts = {"state": event.application.state, "kind": event.application.kind} | _returned(event)
    elif isinstance(event, CourseEvent):
        course = event.course
        facts = {"state": course.state, "kind": course.kind, "meetings": len(course.meetings)}
    elif isinstance(event, MessageEvent):
        mail = event.message
        facts = {"state": mail.state, "kind": code(mail.kind), "attempts": _count(mail.attempts)}
        facts |= {"code": _count(mail.code), "enhanced_code": code(mail.enhanced_code), "reason": code(mail.reason)}
    elif isinstance(event, ConsultantEvent):
        consultant = event.consultant
        facts = {"municipality": code(consultant.municipality), "active": int(consultant.active)}
    return facts


def _returned(event: ApplicationEvent) -> Facts:
    """Of a mail that came back: what its report says."""
    if not isinstance(event, MailReturned) or not event.application.returned:
        return {}
    last = event.application.returned[-1]
    return {"action": last.action, "enhanced_code": code(last.status)}


def _count(number: int | None) -> int | None:
    return number if number is not None and abs(number) < COUNT_MAX else None


def _body(event: Event) -> str | None:
    text = json.dumps(masked(event), ensure_ascii=False)
    return text if len(text) <= BODY_CHARACTERS_MAX else None
