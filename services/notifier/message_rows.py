"""Messages as documents of the database, and back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notifier.classify import Kind
from services.notifier.message import Attempt, LeasedMessage, NewMessage
from services.notifier.staff_note import note_of
from services.notifier.stored_message import StoredAttempt, StoredMessage
from shared.sealing import Sealed

Row = Mapping[str, Any]

_ALWAYS_THERE = (
    "application_id",
    "person_id",
    "kind",
    "about",
    "replaces",
    "meeting_id",
    "internet_message_id",
    "created_at",
    "version",
    "event_sequence",
)
# Rows that older releases wrote lack these.
_LATER_FIELDS = {
    "sequence": 0,
    "addressee": "",
    "domain": "",
    "useful_until": None,
    "timed": False,
    "resend_of": None,
    "obsolete": False,
}

_RETURN_FIELDS = ("bounced_at", "bounce_reason", "bounce_code", "delayed_at")


def new_row(message: NewMessage) -> dict[str, Any]:
    """A message that nobody has tried yet."""
    return {
        "_id": message.message_id,
        "application_id": message.application_id,
        "person_id": message.person_id,
        "kind": message.kind,
        "about": message.about,
        "replaces": message.replaces,
        "sequence": message.sequence,
        "meeting_id": message.meeting_id,
        "internet_message_id": message.internet_message_id,
        "created_at": message.created_at,
        "due_at": message.due_at,
        "not_before": message.due_at,
        "traceparent": message.traceparent,
        "state": "pending",
        "attempts": [],
        "mail": message.mail.model_dump(),
        "addressee": message.addressee,
        "domain": message.domain,
        "useful_until": message.useful_until,
        "timed": message.timed,
        "resend_of": message.resend_of,
    }


def leased_of(row: Row, due_at: datetime) -> LeasedMessage:
    """A message in somebody's hands; `due_at` is what it was before."""
    return LeasedMessage(
        message_id=row["_id"],
        due_at=due_at,
        mail=Sealed.model_validate(row["mail"]),
        attempts=len(row["attempts"]),
        unknown=bool(row["attempts"]) and row["attempts"][-1]["outcome"] == Kind.UNKNOWN.value,
        lease=row["lease"],
        traceparent=row["traceparent"],
        not_before=row.get("not_before"),
        put_back=row.get("put_back", 0),
        **_clear(row),
    )


def stored_of(row: Row) -> StoredMessage:
    """A message as staff look at it."""
    return StoredMessage(
        message_id=row["_id"],
        state=row["state"],
        due_at=row.get("due_at"),
        decided_at=row.get("decided_at"),
        why=row.get("why"),
        attempts=tuple(_stored_attempt(attempt) for attempt in row["attempts"]),
        mail=Sealed.model_validate(row["mail"]),
        notes=tuple(note_of(note) for note in row.get("notes", ())),
        resent_as=row.get("resent_as"),
        **_clear(row),
        **_came_back(row),
    )


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """One attempt, as it is kept with its message."""
    return {
        "at": attempt.at,
        "phase": attempt.phase,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason,
        "code": attempt.code,
        "enhanced": attempt.enhanced,
        "words": attempt.words.model_dump() if attempt.words else None,
    }


def _clear(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _ALWAYS_THERE} | {
        name: row.get(name, default) for name, default in _LATER_FIELDS.items()
    }


def _came_back(row: Row) -> dict[str, Any]:
    return {name: row.get(name) for name in _RETURN_FIELDS}


def _stored_attempt(row: Row) -> StoredAttempt:
    return StoredAttempt(
        at=row["at"],
        phase=row["phase"],
        outcome=row["outcome"],
        reason=row["reason"],
        code=row["code"],
        enhanced=row["enhanced"],
        words=Sealed.model_validate(row["words"]) if row.get("words") else None,
    )
