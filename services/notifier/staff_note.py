"""What staff did to one message, as it stands with the message. Pure values.

Codes, instants and the account lie in clear; the reason, which may name people, is sealed under the application's key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from services.notifier.message import COLLECTION
from shared.sealing import Sealed, document_place

NOTES_MAX: Final = 50
"""The newest are kept with a message; of older ones the audit events remain."""


class Given(BaseModel):
    """What is sealed of a note."""

    model_config = ConfigDict(frozen=True)

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffNote:
    """`act` is the code of the audit event, such as "message.moved"; `to`: when a moved one goes out instead.

    `reason` is None where the application was erased.
    """

    note_id: str
    at: datetime
    account: str
    act: str
    to: datetime | None = None
    reason: Sealed | None = None


def reason_place(message_id: str, note_id: str) -> tuple[str, ...]:
    """Where the sealed reason of a note stands."""
    return document_place(COLLECTION, message_id, f"notes.{note_id}")


def note_row(note: StaffNote) -> dict[str, Any]:
    """As it is stored."""
    return {
        "note_id": note.note_id,
        "at": note.at,
        "account": note.account,
        "act": note.act,
        "to": note.to,
        "reason": note.reason.model_dump() if note.reason else None,
    }


def note_of(row: Mapping[str, Any]) -> StaffNote:
    """As it was stored."""
    return StaffNote(
        note_id=row["note_id"],
        at=row["at"],
        account=row["account"],
        act=row["act"],
        to=row["to"],
        reason=Sealed.model_validate(row["reason"]) if row["reason"] else None,
    )
