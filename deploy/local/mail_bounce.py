"""Writes the mails that tell a sender what became of hers: delivery reports (RFC 3464)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Literal

from deploy.local.mail_relay import Answer, Waiting

_ENHANCED = re.compile(r"[45]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mail: `status` as RFC 3463 has it, `said` is the answer that was the reason."""

    action: Literal["failed", "delayed"]
    status: str
    said: str


def bounce(mail: Waiting, answer: Answer, *, by: str, now: datetime) -> bytes:
    """That it was refused with this answer."""
    words = " ".join(answer.text.split())
    named = _ENHANCED.match(words)
    status = named[0] if named else f"{answer.code // 100}.0.0"
    return report(mail, Fate(action="failed", status=status, said=f"{answer.code} {words}"), by=by, now=now)


def report(mail: Waiting, fate: Fate, *, by: str, now: datetime) -> bytes:
    """To the sender of the envelope. Nothing of the mail itself is repeated."""
    failed = fate.action == "failed"
    words = "was not taken" if failed else "waits, and is tried again; you do not need to send it again"
    note = EmailMessage(policy=SMTP)
    note["From"], note["To"] = f"Mail Delivery System <MAILER-DAEMON@{by}>", mail.sender
    note["Subject"], note["Date"] = "Undelivered mail" if failed else "Delayed mail", format_datetime(now)
    note["Message-ID"] = make_msgid(domain=by)
    note["Auto-Submitted"] = "auto-replied"
    note.set_content(f"Your mail to {mail.recipient} {words}:\n{fate.said}\n")
    note.make_mixed()
    note.attach(_status(mail, fate, by))
    note.set_type("multipart/report")
    note.set_param("report-type", "delivery-status")
    return note.as_bytes()


def _status(mail: Waiting, fate: Fate, by: str) -> EmailMessage:
    """One block of fields about the mail, one about its recipient."""
    about_mail, about_recipient, status = Message(), Message(), EmailMessage(policy=SMTP)
    about_mail["Reporting-MTA"] = f"dns; {by}"
    about_recipient["Final-Recipient"] = f"rfc822; {mail.recipient}"
    about_recipient["Action"], about_recipient["Status"] = fate.action, fate.status
    about_recipient["Diagnostic-Code"] = f"smtp; {fate.said}"
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([about_mail, about_recipient])
    return status
