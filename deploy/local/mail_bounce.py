"""Writes the mail that tells a sender that hers was not taken: a delivery report (RFC 3464)."""

from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from deploy.local.mail_relay import Answer, Waiting


def bounce(mail: Waiting, answer: Answer, *, by: str, now: datetime) -> bytes:
    """To the sender of the envelope. Nothing of the mail itself is repeated."""
    words = " ".join(answer.text.split())
    note = EmailMessage(policy=SMTP)
    note["From"], note["To"] = f"Mail Delivery System <MAILER-DAEMON@{by}>", mail.sender
    note["Subject"], note["Date"] = "Undelivered mail", format_datetime(now)
    note["Message-ID"] = make_msgid(domain=by)
    note["Auto-Submitted"] = "auto-replied"
    note.set_content(f"Your mail to {mail.recipient} was not taken:\n{answer.code} {words}\n")
    note.make_mixed()
    note.attach(_status(mail, answer, words, by))
    note.set_type("multipart/report")
    note.set_param("report-type", "delivery-status")
    return note.as_bytes()


def _status(mail: Waiting, answer: Answer, words: str, by: str) -> EmailMessage:
    """One block of fields about the mail, one about its recipient."""
    about_mail, about_recipient, status = Message(), Message(), EmailMessage(policy=SMTP)
    about_mail["Reporting-MTA"] = f"dns; {by}"
    about_recipient["Final-Recipient"] = f"rfc822; {mail.recipient}"
    about_recipient["Action"], about_recipient["Status"] = "failed", f"{answer.code // 100}.0.0"
    about_recipient["Diagnostic-Code"] = f"smtp; {answer.code} {words}"
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([about_mail, about_recipient])
    return status
