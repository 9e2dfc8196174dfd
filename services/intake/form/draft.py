"""Entries that wait to be sent, sealed so that only the browser that made them can have them opened. Pure.

The key comes from the secret in the browser's cookie and from one of ours: neither the database alone nor the database
with our secrets gives the entries away. The id in the address is random, and worth nothing without the cookie.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.intake.form.entries import Entries
from services.intake.form.steps import Step
from services.intake.idempotency import KEPT as REQUESTS_KEPT
from services.intake.idempotency import RequestMark
from shared.sealing import KEY_BYTES, Sealed, document_place, seal, unseal

SECRET_BYTES: Final = 32
ID_BYTES: Final = 12
COLLECTION: Final = "drafts"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`tried` are the steps that were sent at least once, so that their faults are shown.

    `application_id` is set once it was sent: then nothing else is left. `version` is that of the document it was read from.
    """

    id: str
    began_at: datetime
    saved_at: datetime
    entries: Entries = field(default_factory=dict, repr=False)
    tried: frozenset[Step] = frozenset()
    application_id: str | None = None
    version: int = 0


@dataclass(frozen=True)
class Browser:
    """The secret of one browser, and what its drafts are found and opened with. `purpose_key` is ours."""

    secret: str = field(repr=False)
    purpose_key: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What all drafts of this browser have in common in the database."""
        return self._digest("browser")

    def document_id(self, draft_id: str) -> str:
        return self._digest(f"draft/{draft_id}")

    def seal(self, draft: Draft, *, nonce: bytes) -> Sealed:
        content = {
            "id": draft.id,
            "began_at": draft.began_at.isoformat(),
            "saved_at": draft.saved_at.isoformat(),
            "entries": {name: list(values) for name, values in draft.entries.items()},
            "tried": sorted(step.value for step in draft.tried),
            "application_id": draft.application_id,
        }
        plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        document_id = self.document_id(draft.id)
        return seal(plain, key=self._key(), key_id=COLLECTION, place=_place(document_id), nonce=nonce)

    def unseal(self, sealed: Sealed, *, document_id: str, version: int) -> Draft:
        """The draft of a document.

        Raises:
            SealBrokenError: it is not this browser's, or was altered.

        """
        content = json.loads(unseal(sealed, key=self._key(), place=_place(document_id)))
        return Draft(
            id=content["id"],
            began_at=datetime.fromisoformat(content["began_at"]),
            saved_at=datetime.fromisoformat(content["saved_at"]),
            entries={name: tuple(values) for name, values in content["entries"].items()},
            tried=frozenset(Step(step) for step in content["tried"]),
            application_id=content["application_id"],
            version=version,
        )

    def request_mark(self, draft_id: str, *, request_key: bytes, kept_days: int, now: datetime) -> RequestMark:
        """What makes all sendings of one draft one request: a double click, a second tab, a page that is sent again.

        Remembered as long as a draft is kept: after a crash it may be sent again for as long.
        """
        digest = hmac.new(request_key, f"form/{self.document_id(draft_id)}".encode(), hashlib.sha256).hexdigest()
        return RequestMark(key=digest, body=digest, until=now + timedelta(days=kept_days))

    def _key(self) -> bytes:
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=self.purpose_key, info=b"draft")
        return derivation.derive(base64.urlsafe_b64decode(self.secret + "="))

    def _digest(self, what: str) -> str:
        secret = base64.urlsafe_b64decode(self.secret + "=")
        return hmac.new(self.purpose_key, secret + what.encode(), hashlib.sha256).hexdigest()


def new_draft(random: bytes, now: datetime) -> Draft:
    """An empty draft whose id is made of ID_BYTES random bytes."""
    return Draft(id=base64.urlsafe_b64encode(random).decode(), began_at=now, saved_at=now)


def new_secret(random: bytes) -> str:
    """The value of a browser's cookie, of SECRET_BYTES random bytes."""
    return base64.urlsafe_b64encode(random).decode().rstrip("=")


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def sent_as(draft: Draft, application_id: str) -> Draft:
    """What is left of a draft that was sent: where a late click is to be led."""
    return replace(draft, entries={}, tried=frozenset(), application_id=application_id)


def kept_until(draft: Draft, *, days: int) -> datetime:
    """A sent one stays as long as requests are remembered."""
    return draft.saved_at + (timedelta(days=days) if draft.application_id is None else REQUESTS_KEPT)


def _place(document_id: str) -> tuple[str, ...]:
    return document_place(COLLECTION, document_id, "content")
