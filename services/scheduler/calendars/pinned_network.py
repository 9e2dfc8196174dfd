"""The network layer of fetching: a name is resolved and checked here, and connected to by the very address that was checked.

TLS goes on verifying the name: httpcore asks for a connection to a host and starts TLS with that host's name by itself.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

import httpcore2
import httpx2

from services.scheduler.calendars.outside_addresses import Address, is_refused

ADDRESSES_MAX = 20
ATTEMPTS_MAX = 3
"""Addresses of one name that are tried in turn."""

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
Dial = Callable[[Address, int, float | None], Awaitable[httpcore2.AsyncNetworkStream]]


async def resolve_by_system(host: str) -> Sequence[Address]:
    """Every address of a name, as this machine resolves it. OSError where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(one[4][0]) for one in found]


async def dial_by_tcp(address: Address, port: int, seconds: float | None) -> httpcore2.AsyncNetworkStream:
    """A plain connection to an address, never to a name."""
    return await httpcore2.AnyIOBackend().connect_tcp(str(address), port, timeout=seconds)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """How the internet is reached. Tests hand in another one; no setting can."""

    resolve: Resolve = resolve_by_system
    is_refused: Callable[[Address], bool] = is_refused
    dial: Dial = dial_by_tcp
    # Reads neither proxies nor certificate files from the environment.
    tls: ssl.SSLContext = field(default_factory=lambda: httpx2.create_ssl_context(trust_env=False))


class PinnedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses only; one refused address among those of a name refuses the name."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to one of the name's addresses. Raises ConnectError or ConnectTimeout."""
        del local_address, socket_options
        try:
            addresses = await self._outside.resolve(host)
        except (OSError, ValueError):
            raise httpcore2.ConnectError from None
        refused = any(self._outside.is_refused(address) for address in addresses)
        if refused or not 0 < len(addresses) <= ADDRESSES_MAX:
            raise httpcore2.ConnectError
        for address in addresses[:ATTEMPTS_MAX]:
            try:
                return await self._outside.dial(address, port, timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise httpcore2.ConnectError
