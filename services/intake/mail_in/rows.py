"""A mail as a document of the database, and back. Pure."""

from datetime import UTC, datetime
from typing import Any, Final

from services.intake.mail_in.mail import About, StoredMail
from shared.sealing import Sealed

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Every instant in a document is later: who asks for more than this asks for those that have the field, by its index."""

Row = dict[str, Any]


def of_mail(mail: StoredMail, digest: str) -> Row:
    """The document of a mail that has just come in."""
    return {
        "_id": mail.mail_id,
        "digest": digest,
        "recipient": mail.recipient,
        "received_at": mail.received_at,
        "state": mail.state,
        "contents": mail.contents.model_dump() if mail.contents else None,
        "attempts": 0,
        "due_at": mail.received_at,
        "undecided_for": mail.recipient,
    }


def of_about(about: About) -> Row:
    return {
        "application_id": about.application_id,
        "meeting_id": about.meeting_id,
        "person_id": about.person_id,
    }


def mail_of(row: Row) -> StoredMail:
    return StoredMail(
        mail_id=row["_id"],
        recipient=row["recipient"],
        received_at=row["received_at"],
        state=row["state"],
        contents=Sealed.model_validate(row["contents"]) if row.get("contents") else None,
        reason=row.get("reason", ""),
        attempts=row["attempts"],
        due_at=row.get("due_at"),
        decided_at=row.get("decided_at"),
        about=About(**row["about"]) if "about" in row else None,
        understood=Sealed.model_validate(row["understood"]) if row.get("understood") else None,
    )
