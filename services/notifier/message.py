"""One message: its facts, which stand in clear, and the whole mail, which is sealed under its recipient's key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.notifier.classify import Kind, Outcome
from services.notifier.mime import CalendarPart, Mail
from shared.sealing import Sealed, document_place

COLLECTION = "messages"

State = Literal["pending", "sending", "accepted", "deferred", "failed", "unknown", "stopped", "bounced"]
UNSENT: tuple[State, ...] = ("pending", "sending", "deferred", "unknown")
"""States of messages that may still be sent."""


class MailContent(BaseModel):
    """What the recipient reads, fixed when the message is made. `ics` is sent byte for byte.

    `sender` is who a calendar mail comes from: the organizer named in `ics`, as calendar programs like it best.
    """

    model_config = ConfigDict(frozen=True)

    recipient: str
    sender: str | None = None
    subject: str
    text: str
    html: str
    language: Literal["da", "en"]
    method: Literal["REQUEST", "CANCEL", "DECLINECOUNTER"] | None = None
    ics: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message that is to be sent. `due_at` is when a sender should look at it first; for the others see the plan.

    `replaces`: an older one about the same may still be in hand, and must be over first. `addressee` and `domain` are keyed
    digests of the address and of its domain. After `useful_until` nobody needs it any more; None: it is tried as long as any
    other. `timed`: it goes out at its time because of how the course stands, and not at all if the course stands otherwise then.
    `resend_of`: the older message that staff had sent again.
    """

    message_id: str
    application_id: str
    person_id: str
    kind: str
    about: str
    replaces: bool
    sequence: int
    meeting_id: str | None
    internet_message_id: str
    created_at: datetime
    due_at: datetime
    traceparent: str
    mail: Sealed
    addressee: str = ""
    domain: str = ""
    useful_until: datetime | None = None
    timed: bool = False
    resend_of: str | None = None


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that waits for a sender, as far as one needs to know to take it up."""

    message_id: str
    due_at: datetime
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedMessage:
    """A message in the hands of one sender. `attempts` counts those that are over, `version` guards what is written.

    An `unknown` one may have arrived at the last attempt. An `obsolete` one is not to be sent any more. `not_before`: when it
    was first due. `put_back`: how often in a row the server was in trouble just when it was this one's turn.
    """

    message_id: str
    application_id: str
    person_id: str
    kind: str
    about: str
    replaces: bool
    sequence: int
    meeting_id: str | None
    internet_message_id: str
    created_at: datetime
    due_at: datetime
    traceparent: str
    mail: Sealed
    attempts: int
    unknown: bool
    version: int
    event_sequence: int
    lease: str
    obsolete: bool
    not_before: datetime | None = None
    put_back: int = 0
    addressee: str = ""
    domain: str = ""
    useful_until: datetime | None = None
    timed: bool = False
    resend_of: str | None = None

    @property
    def sendable_from(self) -> datetime:
        """Since when it could be sent: its age counts from there."""
        return max(self.created_at, self.not_before or self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is kept of one attempt. The server's own words may hold the address, so they are sealed."""

    at: datetime
    phase: str
    outcome: Kind
    reason: str
    code: int | None = None
    enhanced: str | None = None
    words: Sealed | None = None

    @classmethod
    def of(cls, outcome: Outcome, at: datetime, *, words: Sealed | None = None) -> "Attempt":
        return cls(
            at=at,
            phase=outcome.phase.value,
            outcome=outcome.kind,
            reason=outcome.reason.value,
            code=outcome.code,
            enhanced=outcome.enhanced_code,
            words=words,
        )


def mail_place(message_id: str) -> tuple[str, ...]:
    """Where the sealed mail stands."""
    return document_place(COLLECTION, message_id, "mail")


def internet_message_id(message_id: str, domain: str) -> str:
    """The Message-ID header, the same at every attempt."""
    return f"<{message_id}@{domain}>"


def to_mail(message: LeasedMessage, content: MailContent, *, sender_name: str, sender: str) -> Mail:
    """The mail with its headers; its date is when it could first be sent, so that every attempt sends the same bytes."""
    calendar = CalendarPart(content.method, content.ics.encode()) if content.method and content.ics else None
    return Mail(
        message_id=message.internet_message_id,
        date=message.sendable_from,
        sender_name=sender_name,
        sender=content.sender or sender,
        recipient=content.recipient,
        subject=content.subject,
        text=content.text,
        html=content.html,
        language=content.language,
        calendar=calendar,
    )
