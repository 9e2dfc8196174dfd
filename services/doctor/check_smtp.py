"""Checks the mail server: connection, TLS and log-in as for any mail, and, where an address is given, a test mail."""

import time
from datetime import UTC, datetime
from uuid import uuid4

from services.doctor.finding import Finding, ok, skipped, wrong
from services.notifier.classify import Kind, Outcome, Phase
from services.notifier.mime import Mail, mail_bytes
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import Envelope, SmtpConnection
from shared.mail_address import AddressError, one_address
from shared.programme import Programme

WHAT = "mail server"
TEST = "test mail"
ADVICE = {
    Phase.CONNECT: "Is it running, and does FORLOEB_SMTP name it?",
    Phase.EHLO: "Does FORLOEB_SMTP name a mail server, and does it take FORLOEB_SMTP_EHLO_NAME?",
    Phase.TLS: "Check FORLOEB_SMTP_TLS (starttls is usual on port 587, implicit on 465) and FORLOEB_SMTP_CA_FILE.",
    Phase.LOGIN: "Check FORLOEB_SMTP_USER and FORLOEB_SMTP_PASSWORD.",
    Phase.MAIL: "May this user send as the programme's sender address?",
    Phase.RCPT: "Does the server deliver to this address, or relay for us?",
    Phase.DATA: "The server's own log says why.",
}


async def check_smtp(settings: NotifierSettings, programme: Programme | None, *, mail_to: str | None) -> list[Finding]:
    """One connection for the check, one for the test mail."""
    try:
        connection = SmtpConnection(settings.smtp_settings(), clock=time.monotonic)
    except OSError as error:
        advice = "FORLOEB_SMTP_CA_FILE must name a readable PEM file."
        return [wrong(WHAT, f"the CA certificates cannot be read ({error.strerror})", advice)]
    trouble = await connection.try_out()
    if trouble is not None:
        return [_refused(WHAT, trouble)]
    found = [ok(WHAT, f"{settings.smtp} answers, TLS: {settings.smtp_tls.value}")]
    if not mail_to:
        return [*found, skipped(TEST, "give --mail-to ADDRESS to have one sent")]
    if programme is None:
        return [*found, skipped(TEST, "the programme, which names the sender, cannot be read")]
    return [*found, await _test_mail(connection, programme, mail_to)]


async def _test_mail(connection: SmtpConnection, programme: Programme, mail_to: str) -> Finding:
    try:
        recipient = one_address(mail_to)
    except AddressError:
        return wrong(TEST, "what --mail-to names is no mail address", "Give one plain address.")
    words = "Det er en prøve fra Forløb. / This is a test from Forløb."
    mail = Mail(
        message_id=f"<doctor-{uuid4().hex}@{programme.sender.domain}>",
        date=datetime.now(UTC),
        sender_name=programme.sender.display_name,
        sender=programme.sender.address,
        recipient=recipient,
        subject="Prøve / Test",
        text=words,
        html=f"<p>{words}</p>",
        language="da",
    )
    envelope = Envelope(sender=programme.sender.address, recipient=recipient)
    outcome = await connection.deliver(mail_bytes(mail), envelope)
    await connection.close()
    if outcome.kind is Kind.ACCEPTED:
        return ok(TEST, "the server took it; look whether it arrived, and not in the spam folder")
    return _refused(TEST, outcome)


def _refused(what: str, outcome: Outcome) -> Finding:
    code = f" {outcome.code}" if outcome.code else ""
    return wrong(what, f"{outcome.reason.value} at {outcome.phase.value}{code}", ADVICE[outcome.phase])
