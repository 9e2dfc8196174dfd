"""What staff did to a course, as it stands in the course's own document. Pure values.

Codes, ids and instants lie in clear; the reason, which may name people, is sealed under the application's key.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from shared.fact import Fact
from shared.sealing import Sealed, document_place

REASON_CHARS_MIN: Final = 10
REASON_CHARS_MAX: Final = 1000
ENTRIES_MAX: Final = 300
"""The newest are kept; of older ones the audit events remain."""

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=REASON_CHARS_MIN, max_length=REASON_CHARS_MAX)
]
"""Why staff did it, as typed."""


class Given(Fact):
    """What is sealed of one entry."""

    reason: str


class HistoryEntry(Fact):
    """One act. `facts` holds ids, wall times and dates by name, such as {"meeting": "first", "to": "2027-01-12T09:00"}.

    `reason` is None where the application was erased. Without `account` the scheduler did it by itself.
    """

    entry_id: str
    at: AwareDatetime
    account: str = ""
    act: str
    facts: dict[str, str] = Field(default_factory=dict)
    reason: Sealed | None = None


def done_by_itself(act: str, facts: Mapping[str, str], *, at: datetime, random: Callable[[int], bytes]) -> HistoryEntry:
    """An entry of what the scheduler did without staff; `random` returns that many random bytes."""
    return HistoryEntry(entry_id=str(UUID(bytes=random(16), version=4)), at=at, act=act, facts=dict(facts))


def reason_place(course_id: str, entry_id: str) -> tuple[str, ...]:
    """Where the sealed reason of an entry stands."""
    return document_place("courses", course_id, f"history.{entry_id}")


def extended(history: tuple[HistoryEntry, ...], entry: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """The history with one more entry, the newest last."""
    return (*history, entry)[-ENTRIES_MAX:]
