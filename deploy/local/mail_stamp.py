"""What the mail server writes about a sender into a mail that it passes on: Authentication-Results (RFC 8601). Pure."""

import re
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final

_END_OF_HEAD: Final = re.compile(rb"\r\n\r\n|\n\n|\r\r")
# Every way in which a reader could see the beginning of a line.
_FIELD: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)(?:[ \t][^\r\n]*(?:\r\n|\r|\n|$))*")
_RESULTS: Final = re.compile(rb"authentication-results[ \t]*:", re.IGNORECASE)


def stamped(content: bytes, *, authserv_id: str, account: str | None) -> bytes:
    """The mail with one such field at its top: ours. `account` is the address that logged in, None where nobody did.

    All others are removed (section 5 allows that), so that nobody has to tell whose name a field really bears.
    """
    found = _END_OF_HEAD.search(content)
    head_ends = len(content) if found is None else found.start()
    fields: list[bytes] = _FIELD.findall(content[:head_ends])
    head = b"".join(field for field in fields if not _RESULTS.match(field))
    result = "none" if account is None else f"dmarc=pass header.from={account.rpartition('@')[2]}"
    ours = f"Authentication-Results: {authserv_id}; {result}\r\n".encode("ascii", "replace")
    return ours + head + content[head_ends:]


def writes_as(content: bytes, account: str) -> bool:
    """Whether From names this account, and nobody else."""
    values = BytesHeaderParser(policy=compat32).parsebytes(content).get_all("From", [])
    addresses = [address.lower() for _, address in getaddresses([str(value) for value in values])]
    return addresses == [account.lower()]
