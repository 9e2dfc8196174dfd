"""Checks how answers come in: talks to the listener up to a recipient that nobody is, or logs in to the mailbox that is read."""

import asyncio
from contextlib import suppress

from services.doctor.finding import Finding, ok, skipped, wrong
from services.intake.mail_in.imap import Connection, MailboxError
from services.intake.mail_in.mailbox import Mailbox
from services.intake.mail_in.where import Where
from services.intake.settings import IntakeSettings
from shared.programme import Programme

WHAT = "incoming mail"
SECONDS_MAX = 10.0
NO_WAY_IN = "answers to invites reach nobody: set FORLOEB_INTAKE_LMTP or FORLOEB_INTAKE_IMAP_URL"
NOT_PROVEN = (
    "Set FORLOEB_INTAKE_AUTHSERV_ID: without it no sender counts as proven, and much must be confirmed by mail."
)
ADVICE = {
    "connect": "Does FORLOEB_INTAKE_IMAP_URL name the server, and has it a certificate that is known here (_IMAP_CA_FILE)?",
    "tls": "The server must know STARTTLS, with a certificate that is known here; or take imaps://.",
    "login": "Check FORLOEB_INTAKE_IMAP_USER and FORLOEB_INTAKE_IMAP_PASSWORD; some servers want a password for programs.",
    "select": "Does FORLOEB_INTAKE_IMAP_FOLDER name a folder of this mailbox?",
    "fetch": "The server ended the conversation: its own log says why.",
}


async def check_mail_in(settings: IntakeSettings, programme: Programme | None) -> list[Finding]:
    """One finding per way in."""
    nobody = f"{programme.sender.invite_mailbox}+nobody@{programme.sender.domain}" if programme else "nobody@invalid"
    found = [await _listener(where, nobody) for where in settings.listens_at]
    if settings.mailbox is not None:
        found.append(await _mailbox(settings.mailbox))
    if not found:
        return [skipped(WHAT, NO_WAY_IN)]
    if settings.intake_authserv_id is None:
        found.append(wrong(WHAT, "nothing is known of the mail server that checks senders", NOT_PROVEN))
    return found


async def _listener(where: Where, nobody: str) -> Finding:
    """Only as far as RCPT: nothing is delivered."""
    name = f"{where.protocol.upper()} at {where.path or f'{where.host}:{where.port}'}"
    try:
        async with asyncio.timeout(SECONDS_MAX):
            answer = await _ask_for_nobody(where, nobody)
    except (OSError, TimeoutError):
        return wrong(WHAT, f"{name} does not answer", "Is the intake service running, on this machine?")
    if answer.startswith("554"):
        return skipped(WHAT, f"{name} takes mail from its peers only, and this machine is none")
    if not answer.startswith("550"):
        return wrong(WHAT, f"{name} takes mail for an address that nobody has", "Another program listens there.")
    return ok(WHAT, f"{name} answers, and refuses who is not here")


async def _ask_for_nobody(where: Where, nobody: str) -> str:
    """The last answer, which is to a recipient with a token that nobody has signed."""
    if where.path is not None:
        reader, writer = await asyncio.open_unix_connection(where.path)
    else:
        reader, writer = await asyncio.open_connection(where.host, where.port)
    greeting = "LHLO" if where.protocol == "lmtp" else "EHLO"
    try:
        for line in (None, f"{greeting} doctor", "MAIL FROM:<>", f"RCPT TO:<{nobody}>"):
            if line is not None:
                writer.write(line.encode() + b"\r\n")
            answer = await _answer(reader)
            if not answer.startswith("2"):
                break
        writer.write(b"QUIT\r\n")
        with suppress(OSError):
            await writer.drain()
    finally:
        writer.close()
    return answer


async def _answer(reader: asyncio.StreamReader) -> str:
    while (line := await reader.readline())[3:4] == b"-":
        pass
    if not line:
        raise ConnectionResetError
    return line.decode("ascii", "replace").strip()


async def _mailbox(mailbox: Mailbox) -> Finding:
    try:
        connection = await asyncio.to_thread(Connection, mailbox)
        await asyncio.to_thread(connection.close)
    except MailboxError as error:
        return wrong(WHAT, f"the mailbox at {mailbox.host} cannot be read ({error.step})", ADVICE[error.step])
    return ok(WHAT, f"the mailbox at {mailbox.host} opens, and its folder {mailbox.folder} is there")
