"""Which mailbox is read where no mail server delivers to us: an IMAP address, checked before the first connection. Pure."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

IMAPS_PORT = 993
IMAP_PORT = 143


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """`tls` from the first byte; without it TLS is begun by STARTTLS, unless the server is on this very machine."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    folder: str
    ca_file: str | None = None

    @property
    def is_local(self) -> bool:
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def place_of(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether TLS is spoken from the first byte, from imaps://HOST[:PORT] or imap://. ValueError: no such thing."""
    parts = urlsplit(url)
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or parts.path.strip("/") or parts.username:
        raise ValueError("is not imaps://HOST or imaps://HOST:PORT")
    tls = parts.scheme == "imaps"
    return parts.hostname, parts.port or (IMAPS_PORT if tls else IMAP_PORT), tls
