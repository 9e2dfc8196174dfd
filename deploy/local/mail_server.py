"""mail-devel (SMTP, IMAP and webmail; every address has a mailbox) with two changes that a mail system's tests need.

It delivers to the addresses of the envelope, as mail servers do, where mail-devel reads To, Cc and Bcc (and loses a mail whose
To holds a name with a comma); it keeps every byte as it came; and SMTP runs in the event loop of the mailboxes, not in a thread.
"""

import argparse
import asyncio
import logging
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session
from mail_devel.mailbox import TestMailboxDict
from mail_devel.service import Service
from pymap.parsing.message import AppendMessage

MAIL_BYTES_MAX = 30 * 1024 * 1024


class DeliverByEnvelope:
    """Puts a mail into the inbox of each recipient that RCPT named; addresses are compared in lower case."""

    def __init__(self, mailboxes: TestMailboxDict) -> None:
        self._mailboxes = mailboxes

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            account = await self._mailboxes.get(recipient.lower())
            inbox = await account.get_mailbox("INBOX")
            await inbox.append(AppendMessage(literal=content, when=datetime.now(UTC), flag_set=frozenset()))
        return "250 OK"


async def serve(*, password: str, smtp_port: int, imap_port: int, http_port: int) -> None:
    """Serve on 127.0.0.1 until the process is ended; the mails are in memory only, so there is nothing to close."""
    arguments = ["--host=127.0.0.1", "--multi-user", f"--password={password}"]
    arguments += [f"--smtp-port={smtp_port}", f"--imap-port={imap_port}", f"--http-port={http_port}"]
    service = await Service.init(Service.parse(arguments))
    service.smtp = None
    loop = asyncio.get_running_loop()
    async with service.start():
        handler = DeliverByEnvelope(service.mailboxes)
        server = await loop.create_server(
            lambda: SMTP(
                handler, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MAIL_BYTES_MAX, loop=loop
            ),
            host="127.0.0.1",
            port=smtp_port,
        )
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("smtp", "imap", "http"):
        parser.add_argument(f"--{name}-port", type=int, required=True)
    parser.add_argument("--password", required=True)
    given = parser.parse_args()
    # Its log lines on lower levels hold addresses and what the clients say.
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(
        serve(password=given.password, smtp_port=given.smtp_port, imap_port=given.imap_port, http_port=given.http_port)
    )


if __name__ == "__main__":
    main()
