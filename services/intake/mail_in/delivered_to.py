"""Whom a mail in a mailbox was for, from what the server that delivered it wrote into its head. Pure.

The head is cut into lines and searched, never parsed: nobody can make that slow or deep.
"""

import re
from typing import Final

from services.intake.mail_in.mail import PLAIN
from services.intake.mail_in.recipients import Recipients

HEAD_BYTES_MAX: Final = 65_536
ADDRESSES_MAX: Final = 50
FIELDS: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
"""Those that mail servers write when they deliver come first."""

_END: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9]{1,64}\+[A-Za-z0-9]{1,64}@[A-Za-z0-9.-]{1,255}")


def recipient_of(raw: bytes, recipients: Recipients) -> str:
    """The first token of ours in the fields that name recipients, else PLAIN."""
    fields = _fields(raw)
    for name in FIELDS:
        text = " ".join(value for field, value in fields if field == name)
        for address in _ADDRESS.findall(text)[:ADDRESSES_MAX]:
            found = recipients.find(address)
            if found is not None:
                return found
    return PLAIN


def return_path_of(raw: bytes) -> str | None:
    """What the server that delivered it wrote as its return path: "" for a bounce, None where there is no such field."""
    found = next((value for field, value in _fields(raw) if field == "return-path"), None)
    return None if found is None else found.strip().removeprefix("<").removesuffix(">")


def _fields(raw: bytes) -> list[tuple[str, str]]:
    head = _END.split(raw[:HEAD_BYTES_MAX], maxsplit=1)[0]
    lines = _FOLD.sub(b" ", head).decode("utf-8", "replace").splitlines()
    return [(name.strip().lower(), value) for name, colon, value in (line.partition(":") for line in lines) if colon]
