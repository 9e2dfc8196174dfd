"""Who wrote a mail, if its From field says so without any doubt. Pure.

`From: leader@town.example <mallory@evil.example>` is one person to one program and another one to the next, so the server
that checked the domain and the program that reads the name may disagree. Where that could be, nobody is named.
"""

import re
from typing import Final

from services.intake.imip.fields import Fields

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_ADDRESS: Final = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
ADDRESS_CHARACTERS_MAX: Final = 254
"""RFC 5321 section 4.5.3.1.3, without the angle brackets."""
_WITH_NAME: Final = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*"\s*|[^"<>@,;:()\\\x00-\x1f\x7f]*)<\s*(?P<address>[^<>\s]+)\s*>'
)


def plain_address(text: str) -> str | None:
    """The text in lower case if it is exactly one ordinary address."""
    lower = text.lower()
    return lower if len(lower) <= ADDRESS_CHARACTERS_MAX and _ADDRESS.fullmatch(lower) else None


def sender_of(fields: Fields) -> str | None:
    """The one address of the one From field, in lower case; None where there is any doubt."""
    values = list(fields.values("from"))
    if len(values) != 1:
        return None
    value = values[0].strip()
    found = _WITH_NAME.fullmatch(value)
    if found is None:
        return plain_address(value)
    address = plain_address(found["address"])
    # A quoted name may be an address, as programs write for people without a name, but then it must be the same one.
    if "@" in found["name"] and found["name"].strip().strip('"').strip("' ").lower() != address:
        return None
    return address
