"""The enhanced status code (RFC 3463) of a report, from what servers write where the code should stand. Pure."""

import re
from typing import Final

TEXT_CHARACTERS_MAX: Final = 2_000
"""Of a diagnostic text; what servers say begins with the code."""

_STATUS: Final = re.compile(r"\s*([45])\.(\d{1,3})\.(\d{1,3})\s*(?:\(.*|\s.*)?", re.DOTALL | re.ASCII)
# Behind an SMTP code, or marked: version numbers and addresses of machines look alike.
_WITHIN: Final = re.compile(
    r"(?:(?<![\d.])[45]\d\d[ -]+[(#]{0,2}|[#(]{1,2})([45])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)", re.ASCII
)
_SMTP_CODE: Final = re.compile(r"(?:^|[\s;:<(])([45])(\d\d)(?=[\s,;:-])", re.ASCII)
_AT_RCPT: Final = re.compile(r"\brcpt\b", re.IGNORECASE)
_NO_SUCH_RECIPIENT_CODES: Final = frozenset({"50", "51", "53"})
_STORAGE_CODE: Final = "52"
# What would do harm if it were taken for another one stands first: a server that refuses us says nothing about the address.
_WORDS: Final = {
    ".7.1": (
        "spam",
        "block(?:ed|list)",
        "black ?list",
        "policy",
        "not authori[sz]ed",
        "access denied",
        "relay",
        "reputation",
    ),
    ".3.4": ("message size", "too (?:large|big)", "size (?:limit|exceed)"),
    ".2.2": (
        "over ?quota",
        "quota (?:is )?exceed",
        "exceeded .{0,30}(?:quota|storage)",
        "mailbox (?:is )?full",
        "insufficient storage",
    ),
    ".2.1": ("(?:mailbox|account|user) (?:is |has been )?(?:disabled|inactive|suspended|deactivated)",),
    ".1.2": ("host unknown", "unknown host", "(?:host|domain)(?: name)? (?:not found|does ?n[o']t exist)", "nxdomain"),
    ".1.1": (
        "(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|unavailable)",
        "unknown (?:user|recipient)",
        "no such (?:user|recipient|mailbox|person|address)",
        "no mailbox here",
        "does ?n[o']t (?:exist|have an? .{0,30}account)",
        "recip(?:ient)?notfound",
        "invalid (?:recipient|mailbox)",
        "(?:blev ikke fundet|findes ikke)",
    ),
}
_PATTERNS: Final = {detail: re.compile("|".join(words), re.IGNORECASE) for detail, words in _WORDS.items()}


def status_of(field: str) -> str | None:
    """The code in a Status field, strictly `[45].ddd.ddd`, with or without a comment behind it. One of success is none here."""
    found = _STATUS.fullmatch(field[:TEXT_CHARACTERS_MAX])
    return _joined(found) if found else None


def says_nothing(status: str | None) -> bool:
    """Whether a code names its class only: 5.0.0, or that the protocol said so, as 5.5.0."""
    return status is None or status[1:] in (".0.0", ".5.0")


def status_in(text: str) -> str | None:
    """The code that a text names, else one by its words and its SMTP code; None where it names none of these."""
    text = text[:TEXT_CHARACTERS_MAX]
    found = _WITHIN.search(text)
    named = _joined(found) if found else None
    if not says_nothing(named):
        return named
    code = _SMTP_CODE.search(text)
    severity = code[1] if code else "5"
    for detail, pattern in _PATTERNS.items():
        if pattern.search(text):
            return severity + detail
    if code is None:
        return named
    if severity == "5" and code[2] in _NO_SUCH_RECIPIENT_CODES and _AT_RCPT.search(text):
        # As the same answer counts that is given to us (RFC 5321 section 4.2.3).
        return "5.1.1"
    return named or severity + (".2.2" if code[2] == _STORAGE_CODE else ".0.0")


def _joined(found: re.Match[str]) -> str:
    return ".".join(str(int(number)) for number in found.groups()[:3])
