"""A day of the pipeline as events: what a handful of applications leave behind, with ids and references of their own."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from services.intake.reference_number import reference_number
from shared.envelope import Envelope, Headers, to_headers
from shared.events import (
    ApplicationAdmitted,
    ApplicationSubmitted,
    ApplicationWaitlisted,
    ApplicationWithdrawn,
    ConsultantRegistered,
    CourseBooked,
    CourseCancelled,
    Event,
    MessageFailed,
    MessageSent,
)
from tests.event_samples import SAMPLES, SOURCES, TRACEPARENT, sealed

MAILS = ("course_booked", "course_booked", "invite", "invite", "invite", "invite")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record, ready to be published."""

    topic: str
    key: str
    headers: Headers
    value: bytes


class Story:
    """Makes events from the samples. The same seed tells the same story, with other instants."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._sequences: dict[tuple[str, str], Iterator[int]] = {}

    def id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def reference(self) -> str:
        return reference_number("SPARK", self._random.randbytes(8))

    def consultant(self) -> Told:
        """She is new on the roster."""
        consultant_id = self.id()
        changes = {"consultant_id": consultant_id, "person": sealed(f"person:{consultant_id}")}
        return self._told(ConsultantRegistered, consultant_id, consultant_id, "consultant", changes)

    def booked(self, *, application_id: str, reference: str, kind: str = "single") -> Iterator[Told]:
        """From the form to the invites."""
        yield self.application(ApplicationSubmitted, application_id, reference, kind)
        yield from (self.mail(application_id, "receipt") for _ in range(2))
        yield self.application(ApplicationAdmitted, application_id, reference, kind)
        yield self.course(CourseBooked, application_id, reference, kind)
        yield from (self.mail(application_id, mail) for mail in MAILS)

    def waiting(self, *, application_id: str, reference: str) -> Iterator[Told]:
        """Nobody is free, and one of the two addresses is wrong."""
        yield self.application(ApplicationSubmitted, application_id, reference)
        yield self.mail(application_id, "receipt")
        yield self.mail(application_id, "receipt", kind=MessageFailed)
        yield self.application(ApplicationAdmitted, application_id, reference)
        yield self.course(ApplicationWaitlisted, application_id, reference)
        yield self.mail(application_id, "waiting_list")

    def withdrawn(self, *, application_id: str, reference: str) -> Iterator[Told]:
        """They think better of it."""
        yield self.application(ApplicationWithdrawn, application_id, reference)
        yield self.course(CourseCancelled, application_id, reference)
        yield self.mail(application_id, "withdrawn")

    def application(self, event: type[Event], application_id: str, reference: str, kind: str = "single") -> Told:
        changes = {"application_id": application_id, "reference": reference, "kind": kind}
        return self._told(event, application_id, application_id, "application", changes)

    def course(self, event: type[Event], application_id: str, reference: str, kind: str = "single") -> Told:
        changes = {"application_id": application_id, "reference": reference, "kind": kind}
        return self._told(event, application_id, application_id, "course", changes)

    def mail(self, application_id: str, about: str, *, kind: type[Event] = MessageSent) -> Told:
        message_id = self.id()
        changes = {"message_id": message_id, "application_id": application_id, "kind": about}
        return self._told(kind, message_id, application_id, "message", changes)

    def _told(self, kind: type[Event], subject: str, key: str, part: str, changes: dict[str, object]) -> Told:
        sample = SAMPLES[kind]
        event = sample.model_copy(update={part: getattr(sample, part).model_copy(update=changes)})
        sequence = next(self._sequences.setdefault((kind.topic, subject), count(1)))
        envelope = Envelope(
            id=self.id(),
            source=SOURCES[kind.topic],
            type=kind.type,
            subject=subject,
            time=datetime.now(UTC),
            sequence=sequence,
            traceparent=TRACEPARENT,
        )
        return Told(topic=kind.topic, key=key, headers=to_headers(envelope), value=event.model_dump_json().encode())
