"""Where and how mail is handed over, checked before the first connection; the limits of time are RFC 5321 4.5.3.2's."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import StrEnum


class TlsMode(StrEnum):
    """`none` is for a server on this very machine; the other two always verify the server's certificate."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
    """Seconds per phase. A short time limit after DATA makes duplicates: the server accepts, and we have left."""

    connect_seconds: float = 60.0
    ehlo_seconds: float = 60.0
    tls_seconds: float = 60.0
    login_seconds: float = 60.0
    mail_seconds: float = 300.0
    rcpt_seconds: float = 300.0
    data_seconds: float = 600.0
    quit_seconds: float = 5.0
    reset_seconds: float = 30.0
    data_start_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """ValueError, with what to do, for settings under which mail would go out unprotected."""

    host: str
    port: int
    tls: TlsMode
    ehlo_name: str = "localhost"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    timeouts: SmtpTimeouts = SmtpTimeouts()
    messages_per_connection_max: int = 100
    idle_seconds_max: float = 30.0

    def __post_init__(self) -> None:
        if self.tls is TlsMode.NONE and not is_loopback(self.host):
            raise ValueError("SMTP without TLS is for a server on this machine only; choose starttls or implicit")
        if self.tls is TlsMode.NONE and self.username is not None:
            raise ValueError("a password is never sent without TLS; choose starttls or implicit")
        if (self.username is None) != (self.password is None):
            raise ValueError("give both a user name and a password for SMTP, or neither")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine, without asking anybody."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    """The verifying context for these settings, TLS 1.2 at least; None without TLS. OSError if the CA file is bad."""
    if settings.tls is TlsMode.NONE:
        return None
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
