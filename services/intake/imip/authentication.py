"""What our own mail server found out about the sender's domain: Authentication-Results (RFC 8601). Pure.

Anybody can write such a field; only those with our server's own name count, and that server has to remove foreign ones with its
name (section 5). Of several, the topmost is the one that was written last: nothing below it makes a sender more credible than it
does. Whatever is not plainly written is grey.
"""

import re
from typing import Final, NamedTuple

from services.intake.imip.fields import Fields
from services.intake.imip.understood import Authentication

_RESULT: Final = re.compile(r"([a-z][a-z0-9-]*)(?:/[0-9]+)?=([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"([a-z][a-z0-9-]*)(?:\.([a-z0-9_-]+))?=(\S+)", re.IGNORECASE)
_VERSION: Final = re.compile(r"[0-9]+")
LABELS_MIN: Final = 2
"""A domain that may vouch for another one has at least so many labels: "dk" vouches for nobody."""


class Finding(NamedTuple):
    """One result, such as dmarc=pass, with its properties; all in lower case."""

    method: str
    result: str
    properties: dict[str, str]


def authentication_of(fields: Fields, *, authserv_id: str | None, sender: str | None) -> Authentication:
    """Whether our server found that the mail is from the sender's domain. `authserv_id` is the server's name in these fields."""
    newest, *older = _ours(fields, authserv_id.lower()) if authserv_id else [[]]
    domain = sender.rpartition("@")[2] if sender else None
    said = _said(newest, domain)
    # Filters behind each other may write a field each; who forges a fail below ours harms nobody but himself.
    return "fail" if said == "grey" and any(map(_fails, older)) else said


def _said(findings: list[Finding], domain: str | None) -> Authentication:
    dmarc = [finding for finding in findings if finding.method == "dmarc"]
    if _fails(findings):
        return "fail"
    if domain is None:
        return "grey"
    if dmarc and all(f.result == "pass" and _domain(f.properties.get("header.from")) == domain for f in dmarc):
        return "pass"
    signed = any(f.method == "dkim" and f.result == "pass" and _vouches(f, domain) for f in findings)
    return "pass" if signed else "grey"


def _fails(findings: list[Finding]) -> bool:
    return any(finding.method == "dmarc" and finding.result == "fail" for finding in findings)


def findings_of(value: str) -> tuple[str, list[Finding]] | None:
    """The name of the server that wrote a field, and what it found; None for a field that is not plainly written."""
    plain = _without_comments(value)
    if plain is None:
        return None
    head, *rest = (piece.strip() for piece in plain.split(";"))
    name, *version = head.split() or [""]
    if not name or len(version) > 1 or not all(map(_VERSION.fullmatch, version)):
        return None
    findings = []
    for piece in rest:
        if not piece or piece.lower() == "none":
            continue
        found = _finding(piece)
        if found is None:
            return None
        findings.append(found)
    return name.lower(), findings


def _ours(fields: Fields, authserv_id: str) -> list[list[Finding]]:
    """What each field with our server's name found, the topmost first; at least one, which may have found nothing."""
    found: list[list[Finding]] = []
    for value in fields.values("authentication-results"):
        read = findings_of(value)
        if read is None and value.lower().startswith(authserv_id):
            # Senders choose some of what stands in it, such as their return path: by that they must not have it passed over.
            found.append([])
        elif read is not None and read[0] == authserv_id:
            found.append(read[1])
    return found or [[]]


def _finding(piece: str) -> Finding | None:
    words = piece.split()
    began = _RESULT.fullmatch(words[0])
    pairs = [_PROPERTY.fullmatch(word) for word in words[1:]]
    if began is None:
        return None
    properties: dict[str, str] = {}
    for pair in pairs:
        # Servers explain themselves in words, too; what is no property says nothing.
        if pair is not None and pair[2]:
            properties.setdefault(f"{pair[1]}.{pair[2]}".lower(), pair[3].lower())
    return Finding(began[1].lower(), began[2].lower(), properties)


def _vouches(finding: Finding, domain: str) -> bool:
    """Whether a signature is aligned with the domain of From: the same domain, or one of them is below the other."""
    signer = _domain(finding.properties.get("header.d") or finding.properties.get("header.i"))
    if signer == domain:
        return True
    upper, lower = sorted((signer, domain), key=len)
    return upper.count(".") >= LABELS_MIN - 1 and lower.endswith(f".{upper}")


def _domain(text: str | None) -> str:
    return (text or "").rpartition("@")[2]


def _without_comments(value: str) -> str | None:
    """The value without its comments and without what is quoted, whose semicolons and equal signs mean nothing."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quoted:
            quoted = character != '"'
        elif character == '"' and not depth:
            quoted = True
            kept.append("_")
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(character)
    return None if depth or quoted or escaped else "".join(kept)
