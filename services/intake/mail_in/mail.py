"""A mail that came in, as it is stored: who it is from and what it says is sealed under a key of its own. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from shared.sealing import Sealed, document_place

COLLECTION: Final = "mails"
MAIL_BYTES_MAX: Final = 1_000_000
PLAIN: Final = "plain"
"""Stands where the random half of a token would: the mail came to the mailbox itself."""
RETURNED: Final = "returned:"
"""Begins what stands there for the return path of one of our mails; its id follows."""

State = Literal["stored", "waiting", "answered", "returned", "held", "parked", "dropped"]
UNDECIDED: Final[tuple[State, ...]] = ("stored", "waiting")
"""`waiting`: for the course that its token belongs to, or the mail that it is about, of which intake has not heard yet."""


class Contents(BaseModel):
    """The mail byte for byte as it came, and its return path: "" for that of a bounce, None where it is not known."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    raw: bytes
    envelope_from: str | None


@dataclass(frozen=True, kw_only=True)
class About:
    """The person and the meeting that a mail was found to be about."""

    application_id: str
    meeting_id: str
    person_id: str


@dataclass(frozen=True, kw_only=True)
class StoredMail:
    """One mail to one recipient, told by the random half of her token (hexadecimal), `PLAIN` or `RETURNED`, never by an address.

    `due_at` is when somebody should look at it next, None once it is decided; `reason` is the code of the last decision.
    `contents` is gone once it is decided, unless it is parked; then `understood` is what was read in it, sealed as `Understood`.
    """

    mail_id: str
    recipient: str
    received_at: datetime
    state: State
    contents: Sealed | None
    reason: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    decided_at: datetime | None = None
    about: About | None = None
    understood: Sealed | None = None


def return_path_of_message(message_id: str) -> str:
    """What stands for the return path of this message, where others have the half of a token."""
    return RETURNED + message_id


def message_of_recipient(recipient: str) -> str | None:
    """The id of our message to whose return path a mail came; None for a mail to any other address."""
    return recipient.removeprefix(RETURNED) if recipient.startswith(RETURNED) else None


def mail_key(mail_id: str) -> str:
    """Key id of one mail."""
    return f"mail:{mail_id}"


def contents_place(mail_id: str) -> tuple[str, ...]:
    """Where the contents of a mail are sealed."""
    return document_place(COLLECTION, mail_id, "contents")


def understood_place(mail_id: str) -> tuple[str, ...]:
    """Where that which was understood of a mail is sealed."""
    return document_place(COLLECTION, mail_id, "understood")


def digest_of(recipient: str, raw: bytes) -> str:
    """The same for the same mail to the same recipient: a sender who did not hear our answer sends it again."""
    return hashlib.sha256(recipient.encode() + b"\x00" + raw).hexdigest()
