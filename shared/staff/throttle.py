"""How often somebody may try to log in, over all processes: by network, by account, and in all."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

WINDOW: Final = timedelta(minutes=15)
NETWORK_MAX: Final = 30
"""Attempts from one network (/24, /64) in a window."""
PAIR_MAX: Final = 10
"""For one account from one network. Far below the next, so that nobody can lock another one out from one network."""
ACCOUNT_MAX: Final = 40
"""For one account from everywhere."""
TOTAL_MAX: Final = 500
"""For all accounts from everywhere: what of our time an attack can take."""

Limit = Literal["network", "pair", "account", "total"]


class Store(Protocol):
    async def count(self, key: str, *, expires_at: datetime) -> int: ...
    async def forget(self, keys: Sequence[str]) -> None: ...
    async def give_back(self, keys: Sequence[str]) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Excess:
    """`first`: nobody was refused for this reason in this window before."""

    limit: Limit
    first: bool


class Throttle:
    """Methods raise `DependencyDownError`. `key` hides accounts and networks from whoever reads the database."""

    def __init__(self, *, store: Store, key: bytes, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._key = key
        self._clock = clock

    async def admit(self, *, account: str, network: str) -> Excess | None:
        """Count one attempt before it is made. In this order, so that what one network is refused uses up nothing of others."""
        keys, end = self._keys(account, network)
        maxima: tuple[tuple[Limit, int], ...] = (
            ("network", NETWORK_MAX),
            ("pair", PAIR_MAX),
            ("account", ACCOUNT_MAX),
            ("total", TOTAL_MAX),
        )
        for limit, most in maxima:
            count = await self._store.count(keys[limit], expires_at=end)
            if count > most:
                return Excess(limit=limit, first=count == most + 1)
        return None

    async def forgive(self, *, account: str, network: str) -> None:
        """It was her: she begins anew, and the others get back what she used."""
        keys, _ = self._keys(account, network)
        await self._store.forget([keys["pair"]])
        await self._store.give_back([keys["network"], keys["account"], keys["total"]])

    def _keys(self, account: str, network: str) -> tuple[dict[Limit, str], datetime]:
        window = int(self._clock().timestamp() // WINDOW.total_seconds())
        end = datetime.fromtimestamp((window + 1) * WINDOW.total_seconds(), UTC)
        parts: dict[Limit, str] = {
            "network": network,
            "pair": f"{network} {account}",
            "account": account,
            "total": "",
        }
        return {limit: self._hidden(f"{window} {limit} {text}") for limit, text in parts.items()}, end

    def _hidden(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
