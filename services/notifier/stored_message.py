"""A message as staff look at it: every fact that stands in clear, what came of each attempt, and the sealed words and mail. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.notifier.message import COLLECTION, State
from services.notifier.staff_note import StaffNote
from shared.sealing import Sealed, document_place


class ServerWords(BaseModel):
    """What the mail server said to one attempt; a receipt often names its queue. It may hold the address, so it is sealed."""

    model_config = ConfigDict(frozen=True)

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """One attempt. `phase` is that of the conversation, or "lease", "seal", "compose", "gate", "age" where none was held.

    `outcome` is a `classify.Kind`, `reason` a word for staff. `words` are `ServerWords` at `words_place`; None: there were none,
    or they could not be kept.
    """

    at: datetime
    phase: str
    outcome: str
    reason: str
    code: int | None
    enhanced: str | None
    words: Sealed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message. `mail` is a `MailContent` at `mail_place`, sealed under the recipient's key.

    `due_at`: when a sender looks at it next; None while one has it in hand, and once it is done. `decided_at`: since when it
    is done. `why`: a word for why it was stopped, or was last put off without an attempt. `obsolete`: it will be stopped when
    a sender comes to it. `notes`: what staff did to it, the newest last; `resent_as`: the newest message that it was sent again
    as. `bounced_at`: when a server reported that it could not be delivered after all, with its enhanced code and our word for
    why; `delayed_at`: when one reported last that it is late. For the others see `NewMessage`.
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
    state: State
    due_at: datetime | None
    decided_at: datetime | None
    why: str | None
    obsolete: bool
    attempts: tuple[StoredAttempt, ...]
    mail: Sealed
    addressee: str
    domain: str
    useful_until: datetime | None
    timed: bool
    resend_of: str | None
    version: int
    event_sequence: int
    notes: tuple[StaffNote, ...] = ()
    resent_as: str | None = None
    bounced_at: datetime | None = None
    bounce_reason: str | None = None
    bounce_code: str | None = None
    delayed_at: datetime | None = None


def words_place(message_id: str, attempt: int) -> tuple[str, ...]:
    """Where the server's words to one attempt stand; attempts count from 0."""
    return document_place(COLLECTION, message_id, f"attempts.{attempt}.words")
