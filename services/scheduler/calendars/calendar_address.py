"""The address of a calendar as staff enter it or a server redirects to: what may be asked for at all. Pure.

What its name resolves to is looked at when it is fetched, each time anew.
"""

import re
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

ADDRESS_CHARACTERS_MAX = 2_000
HTTPS_PORT = 443

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_HOST_CHARACTERS_MAX = 253


class AddressError(ValueError):
    """Not an address that a calendar may be fetched from. The text does not repeat it."""

    def __init__(self) -> None:
        super().__init__(
            "is no address of a calendar: it begins with https://, then a host name, without a user or a port"
        )


class CalendarAddress(NamedTuple):
    """`host` in small ASCII letters; `target` is path and query."""

    host: str
    target: str


def read_address(text: str) -> CalendarAddress:
    """Take an address apart. `webcal://`, which calendar programs hand out, means https.

    Raises:
        AddressError: not https on its own port; a user or password; an IP address in place of a name, in any spelling.

    """
    if len(text) > ADDRESS_CHARACTERS_MAX or not text.isprintable() or any(sign in text for sign in ' \\"<>'):
        raise AddressError
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError from None
    if parts.scheme not in ("https", "webcal") or "@" in parts.netloc or port not in (None, HTTPS_PORT):
        raise AddressError
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise AddressError
    return CalendarAddress(_host(host), target)


def redirected(frm: CalendarAddress, location: str) -> CalendarAddress:
    """Where an answer sends on to, under the same rules. Raises as `read_address`."""
    try:
        return read_address(urljoin(f"https://{frm.host}{frm.target}", location))
    except ValueError:
        raise AddressError from None


def _host(name: str) -> str:
    try:
        host = name.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        raise AddressError from None
    labels = host.split(".")
    # The last label of a name has a letter in front; where it is a number (also 0x7f), resolvers read an IPv4 address.
    named = len(labels) > 1 and labels[-1][:1].isalpha()
    if not named or len(host) > _HOST_CHARACTERS_MAX or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressError
    return host
