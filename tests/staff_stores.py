"""The stores of the log-in in memory, and a clock that tests move."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.errors import DependencyDownError
from shared.mongo import Document


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class FakeSessions:
    rows: dict[str, Document] = field(default_factory=dict)
    away: bool = False

    def _look(self) -> None:
        if self.away:
            raise DependencyDownError("database")

    async def add(self, row: Document) -> None:
        self._look()
        self.rows[row["_id"]] = dict(row)

    async def find(self, digest: str) -> Document | None:
        self._look()
        return self.rows.get(digest)

    async def prolong(self, digest: str, *, seen_at: datetime, expires_at: datetime) -> None:
        self._look()
        self.rows[digest] |= {"seen_at": seen_at, "expires_at": expires_at}

    async def remove(self, digest: str) -> Document | None:
        self._look()
        return self.rows.pop(digest, None)


@dataclass
class FakeAttempts:
    counts: dict[str, int] = field(default_factory=dict)

    async def count(self, key: str, *, expires_at: datetime) -> int:
        del expires_at
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    async def forget(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.counts.pop(key, None)

    async def give_back(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.counts[key] -= 1
