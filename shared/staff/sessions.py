"""Who is logged in: sessions on the server, the same for all services. The cookie holds a random text, the database its digest."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from shared.mongo import Document
from shared.staff.account import Account
from shared.staff.passwords import fingerprint
from shared.staff.staff import Role

IDLE_MAX: Final = timedelta(minutes=30)
WHOLE_MAX: Final = timedelta(hours=12)
SEEN_AGAIN_AFTER: Final = timedelta(minutes=1)
"""More often it is not written down that somebody is there."""
TOKEN_BYTES: Final = 32


class Store(Protocol):
    async def add(self, row: Document) -> None: ...
    async def find(self, digest: str) -> Document | None: ...
    async def prolong(self, digest: str, *, seen_at: datetime, expires_at: datetime) -> None: ...
    async def remove(self, digest: str) -> Document | None: ...


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """Somebody who is logged in, with the roles that she has now."""

    account: str
    roles: frozenset[Role]


class Sessions:
    """All methods raise `DependencyDownError` where the database does not answer. `accounts` gives the accounts of now."""

    def __init__(
        self, *, store: Store, accounts: Callable[[], Mapping[str, Account]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def open(self, account: Account, *, token: str) -> None:
        """Let her in with a new `token`, drawn at random."""
        now = self._clock()
        await self._store.add(
            {
                "_id": digest(token),
                "account": account.account,
                "fingerprint": fingerprint(account.password_hash),
                "opened_at": now,
                "seen_at": now,
                "expires_at": now + IDLE_MAX,
            }
        )

    async def find(self, token: str, *, present: bool) -> OpenSession | None:
        """None where it is over: left alone or open for too long, logged out, or the account gone or its password changed."""
        row = await self._store.find(digest(token))
        if row is None:
            return None
        now = self._clock()
        account = self._accounts().get(row["account"])
        idle, open_for = now - row["seen_at"], now - row["opened_at"]
        if (
            account is None
            or fingerprint(account.password_hash) != row["fingerprint"]
            or idle >= IDLE_MAX
            or open_for >= WHOLE_MAX
        ):
            await self._store.remove(row["_id"])
            return None
        if present and idle >= SEEN_AGAIN_AFTER:
            end = min(now + IDLE_MAX, row["opened_at"] + WHOLE_MAX)
            await self._store.prolong(row["_id"], seen_at=now, expires_at=end)
        return OpenSession(account=account.account, roles=frozenset(account.roles))

    async def end(self, token: str) -> str | None:
        """Log out; the account that was logged in, if there was one."""
        row = await self._store.remove(digest(token))
        return None if row is None else str(row["account"])


def digest(token: str) -> str:
    """Who reads the database does not hold anybody's session. The token is random, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
