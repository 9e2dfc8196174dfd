"""Asks each service whether it is ready, for the live page."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from httpx2 import AsyncClient, HTTPError

from services.monitor.masking import code

ASK_SECONDS_MAX = 4.0
CHECKS_MAX = 20


@dataclass(frozen=True, kw_only=True)
class ServiceState:
    """`checks` is what the service says of each thing that it needs: "ok", "down", or what it waits for."""

    name: str
    state: Literal["ready", "waiting", "away"]
    checks: Mapping[str, str] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


async def ask_services(client: AsyncClient, addresses: Mapping[str, str]) -> list[ServiceState]:
    """All at once; one that does not answer in time is away."""
    return await asyncio.gather(*(_ask(client, name, address) for name, address in addresses.items()))


async def _ask(client: AsyncClient, name: str, address: str) -> ServiceState:
    try:
        async with asyncio.timeout(ASK_SECONDS_MAX):
            answer = await client.get(f"{address}/readyz")
            told = answer.json()
        checks = {code(key) or "?": _plain(value) for key, value in list(told.get("checks", {}).items())[:CHECKS_MAX]}
        ready = answer.is_success and told.get("ready") is True
    except (HTTPError, OSError, TimeoutError, ValueError, AttributeError):
        return ServiceState(name=name, state="away")
    return ServiceState(name=name, state="ready" if ready else "waiting", checks=checks)


def _plain(value: object) -> str:
    """Words of our own health checks: "ok", "down", "waiting for kafka"."""
    return value if isinstance(value, str) and len(value) <= 60 and value.replace(" ", "").isalnum() else "?"  # noqa: PLR2004 - a short line
