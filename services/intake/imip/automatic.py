"""Tells what machines write by themselves: bounces, reports and auto-replies (RFC 3834). Pure.

Google marks a person's own answer "Auto-Submitted: auto-generated", because its calendar wrote the mail. Such marks are
therefore weak: they count only where the mail has no answer in it.
"""

import re
from typing import Final, Literal

from services.intake.imip.fields import Fields, read_value

_REPORT_OF_DELIVERY: Final = ("multipart/report", "message/delivery-status")
_STRONG: Final = {"auto-replied", "auto-notified"}
_WEAK_PRECEDENCE: Final = {"bulk", "junk", "list"}
_MARKS: Final = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from")


def surely_automatic(fields: Fields, envelope_from: str | None) -> Literal["bounce", "auto-reply"] | None:
    """What a mail is that no person caused to be sent, whatever it contains."""
    content = read_value(fields.first("content-type"))
    if content.main in _REPORT_OF_DELIVERY:
        return (
            "bounce"
            if content.parameters.get("report-type", "delivery-status").lower() == "delivery-status"
            else "auto-reply"
        )
    if content.main == "message/disposition-notification":
        return "auto-reply"
    if _said(fields, "auto-submitted") & _STRONG or _said(fields, "precedence") & {"auto_reply"}:
        return "auto-reply"
    if any(fields.first(mark) is not None for mark in _MARKS):
        return "auto-reply"
    # A server adds Return-Path when it delivers; above it stands nothing that the sender wrote.
    path = envelope_from if envelope_from is not None else fields.first("return-path")
    return "bounce" if path is not None and path.strip().strip("<>") == "" else None


def perhaps_automatic(fields: Fields) -> bool:
    """Whether a mail without an answer is to be taken for an automatic one."""
    submitted = _said(fields, "auto-submitted")
    return bool(submitted - {"no"}) or bool(_said(fields, "precedence") & _WEAK_PRECEDENCE)


def _said(fields: Fields, name: str) -> set[str]:
    return {re.split("[;(]", value, maxsplit=1)[0].strip().lower() for value in fields.values(name)} - {""}
