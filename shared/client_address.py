"""Who a request comes from, as far as limits care: a network, since one person easily changes addresses within it. Pure."""

import ipaddress
from collections.abc import Sequence

IPV4_PREFIX = 24
IPV6_PREFIX = 64
FORWARDED_HOPS_MAX = 20
UNKNOWN = "unknown"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def networks(text: str) -> tuple[Network, ...]:
    """The networks in a list with commas, e.g. "10.0.0.0/8, ::1/128"."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_network(peer: str | None, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The /24 or /64 that the request comes from.

    `forwarded_for` (X-Forwarded-For) is read from the right and only through proxies that are ours: everything to the
    left of the first foreign address may be invented.
    """
    address = _read(peer or "")
    if address is None:
        return UNKNOWN
    hops = forwarded_for.split(",")[-FORWARDED_HOPS_MAX:] if forwarded_for else []
    while hops and any(address in network for network in proxies):
        before = _read(hops.pop().strip())
        if before is None:
            break
        address = before
    prefix = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX  # noqa: PLR2004 - the IP version
    return str(ipaddress.ip_network((address, prefix), strict=False))


def _read(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # The same client on a dual-stack socket and on an IPv4 one.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
