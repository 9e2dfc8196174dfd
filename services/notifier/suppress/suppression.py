"""One address that takes no mail, as it is kept: pure values. The address itself is sealed under its owner's key."""

from dataclasses import dataclass
from datetime import datetime

from shared.sealing import Sealed, document_place

COLLECTION = "suppressions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an address is to be left alone: what became of one message to it.

    `reason` is a word such as "no_such_recipient", `code` the enhanced status (RFC 3463). `sent_at`: when the mail was handed
    over, or refused: what was sent before staff lifted a suppression says nothing about it.
    """

    digest: str
    reason: str
    code: str | None
    at: datetime
    sent_at: datetime
    message_id: str
    application_id: str
    person_id: str
    address: Sealed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """`digest` is that of the address, as on messages. `people`: ids of whoever has it, as far as mails showed.

    `address` is None, or cannot be opened, where its owner was erased; its place is `address_place`. Lifted ones stay known:
    `lifted_reason` is what staff wrote, sealed under the application's key. `acts` counts what staff did to it.
    """

    digest: str
    reason: str
    code: str | None
    since: datetime
    message_id: str
    application_id: str
    person_id: str
    people: tuple[str, ...]
    address: Sealed | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lifted_reason: Sealed | None = None
    acts: int = 0
    version: int = 1

    @property
    def active(self) -> bool:
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `after` is the cursor of the next page; None: there is no more."""

    rows: tuple[Suppression, ...]
    after: str | None = None


def address_place(digest: str) -> tuple[str, ...]:
    """Where the sealed address stands; what is sealed is an `Address`."""
    return document_place(COLLECTION, digest, "address")


def lifted_reason_place(digest: str) -> tuple[str, ...]:
    """Where the sealed reason of whoever lifted it stands."""
    return document_place(COLLECTION, digest, "lifted_reason")
