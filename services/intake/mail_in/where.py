"""Where mail is taken: an address and a port, or a socket in the file system. Pure."""

import ipaddress
from dataclasses import dataclass
from typing import Literal

UNIX = "unix:"
PORT_MAX = 65_535


@dataclass(frozen=True, kw_only=True)
class Where:
    """`path` is that of a socket; without one `host` and `port` tell."""

    protocol: Literal["lmtp", "smtp"]
    host: str = ""
    port: int = 0
    path: str | None = None


def lmtp_at(text: str) -> Where:
    """From "127.0.0.1:2424", "[::1]:2424" or "unix:/run/forloeb/lmtp". ValueError: no such thing, or others could reach it."""
    if text.startswith(UNIX):
        path = text.removeprefix(UNIX)
        if not path.startswith("/"):
            raise ValueError("names no whole path after unix:")
        return Where(protocol="lmtp", path=path)
    host, port = _host_and_port(text)
    if not _is_loopback(host):
        # LMTP knows no senders' rights: whoever reaches it may deliver anything.
        raise ValueError("is not on this machine alone: take 127.0.0.1:PORT, [::1]:PORT or unix:/PATH")
    return Where(protocol="lmtp", host=host, port=port)


def smtp_at(text: str) -> Where:
    """From "10.0.0.5:2525" or "[::]:2525". ValueError: no such thing."""
    host, port = _host_and_port(text)
    return Where(protocol="smtp", host=host, port=port)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError("is not an IP address and a port, as 127.0.0.1:2424") from None
    if not (port.isascii() and port.isdecimal()) or not 0 < int(port) <= PORT_MAX:
        raise ValueError("is not an IP address and a port, as 127.0.0.1:2424")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
