"""mail-devel (SMTP, IMAP and webmail; every address has a mailbox) with what an organisation's mail server does besides.

It delivers to the addresses of the envelope, as mail servers do, where mail-devel reads To, Cc and Bcc (and loses a mail whose
To holds a name with a comma); it keeps every byte as it came; and SMTP runs in the event loop of the mailboxes, not in a thread.
Whoever logs in may write as that account only. Mail to the mailboxes of answers and of return paths is passed on, with a word about
its sender. At a few addresses mail does not arrive; its sender is told, as by any mail server.
"""

import argparse
import asyncio
import logging
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP
from mail_devel.mailbox import TestMailboxDict
from mail_devel.service import Service
from pymap.parsing.message import AppendMessage

from deploy.local.mail_bounce import bounce
from deploy.local.mail_desk import Desk, Store, Takes, authenticator
from deploy.local.mail_relay import Answer, Relay, Waiting, lmtp_to

MAIL_BYTES_MAX = 30 * 1024 * 1024


def inboxes(mailboxes: TestMailboxDict) -> Store:
    async def store(address: str, content: bytes) -> None:
        account = await mailboxes.get(address.lower())
        inbox = await account.get_mailbox("INBOX")
        await inbox.append(AppendMessage(literal=content, when=datetime.now(UTC), flag_set=frozenset()))

    return store


async def serve(given: argparse.Namespace) -> None:
    """Serve on 127.0.0.1 until the process is ended; the mails are in memory only, so there is nothing to close."""
    arguments = ["--host=127.0.0.1", "--multi-user", f"--password={given.password}"]
    arguments += [f"--smtp-port={given.smtp_port}", f"--imap-port={given.imap_port}", f"--http-port={given.http_port}"]
    service = await Service.init(Service.parse(arguments))
    service.smtp = None
    loop = asyncio.get_running_loop()

    async def give_back(mail: Waiting, answer: Answer) -> None:
        await desk.tell(mail.sender, bounce(mail, answer, by=given.authserv_id, now=_now()))

    relay = Relay(deliver=lmtp_to("127.0.0.1", given.relay_port), give_back=give_back)
    takes = Takes(mailboxes=tuple(one.lower() for one in given.relay_mailbox), domain=given.relay_domain.lower())
    desk = Desk(store=inboxes(service.mailboxes), takes=takes, relay=relay, authserv_id=given.authserv_id, clock=_now)
    async with service.start(), asyncio.TaskGroup() as tasks:
        tasks.create_task(relay.run())
        server = await loop.create_server(
            lambda: SMTP(
                desk,
                hostname="localhost",
                enable_SMTPUTF8=True,
                data_size_limit=MAIL_BYTES_MAX,
                authenticator=authenticator(given.password),
                auth_require_tls=False,
                loop=loop,
            ),
            host="127.0.0.1",
            port=given.smtp_port,
        )
        await server.serve_forever()


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("smtp", "imap", "http", "relay"):
        parser.add_argument(f"--{name}-port", type=int, required=True)
    for name in ("password", "relay-domain", "authserv-id"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--relay-mailbox", action="append", required=True)
    given = parser.parse_args()
    # Its log lines on lower levels hold addresses and what the clients say.
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(given))


if __name__ == "__main__":
    main()
