"""People who answer their invites by mail, and a mail server that delivers it, for tests of intake."""

import asyncio
import base64
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from deploy.local.ports import free_ports
from services.intake.mail_in.mail import COLLECTION
from services.intake.mail_in.wiring import MailIn, build_mail_in
from shared.address_token import REPLY_ADDRESS, address_with, make_token
from shared.bounce_address import BOUNCE_ADDRESS, bounce_address
from shared.errors import DependencyDownError
from shared.events import Meeting
from shared.signing import purpose_key
from tests.answer_samples import Booked
from tests.intake_house import House, house, settings_for
from tests.polling import until

AUTHSERV_ID = "mx.forloeb.example"
MAILBOX, BOUNCE_MAILBOX = "invite", "bounce"
DOMAIN = "forloeb.example"
KAREN = "karen@konsulenter.example"


def reply(
    meeting: Meeting,
    address: str,
    partstat: str = "ACCEPTED",
    *,
    sender: str | None = None,
    to: str = f"{MAILBOX}@{DOMAIN}",
    uid: str | None = None,
    authentication: str = "pass",
    message_id: str = "<1@mail.example>",
    extra: str = "",
    method: str = "REPLY",
    authserv_id: str = AUTHSERV_ID,
) -> bytes:
    """A mail with a calendar answer as a calendar program writes it, signed by our mail server's findings."""
    sender = sender or address
    calendar = (
        "BEGIN:VCALENDAR\r\nPRODID:-//Somebody//Calendar//DA\r\nVERSION:2.0\r\n"
        f"METHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{uid or meeting.uid}\r\nSEQUENCE:{meeting.sequence}\r\n"
        f"DTSTAMP:{meeting.dtstamp:%Y%m%dT%H%M%SZ}\r\nORGANIZER:mailto:{MAILBOX}@{DOMAIN}\r\n"
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{address}\r\n{extra}SUMMARY:Svar\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    body = base64.encodebytes(calendar.encode()).decode().replace("\n", "\r\n")
    return (
        f"Authentication-Results: {authserv_id};\r\n"
        f" dmarc={authentication} header.from={sender.rpartition('@')[2]}\r\n"
        f"Message-ID: {message_id}\r\nFrom: <{sender}>\r\nTo: <{to}>\r\n"
        "Date: Mon, 03 Aug 2026 10:00:00 +0200\r\nSubject: Svar\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/calendar; method={method}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
    ).encode()


@dataclass
class PostOffice:
    """An intake that takes mail by LMTP at `port`; what was stored is taken in when a test says so."""

    intake: House
    mail_in: MailIn
    port: int

    def address(self, course: Booked, person_id: str, *, meeting: int = 0) -> str:
        """The address that a person's invite to a meeting came from."""
        return self.address_of(course.meetings[meeting].reply_ids[person_id])

    def address_of(self, reply_id: str) -> str:
        key = purpose_key(self.intake.settings.link_secret, REPLY_ADDRESS)
        return address_with(make_token(bytes.fromhex(reply_id), key=key), mailbox=MAILBOX, domain=DOMAIN)

    def return_path(self, message_id: str) -> str:
        """The envelope sender that one of our mails went out with."""
        key = purpose_key(self.intake.settings.link_secret, BOUNCE_ADDRESS)
        return bounce_address(message_id, key=key, mailbox=BOUNCE_MAILBOX, domain=DOMAIN)

    async def deliver(self, raw: bytes, recipient: str, *, sender: str = "somebody@kommune.example") -> tuple[int, str]:
        """What the listener answers to a whole mail, or to the recipient where it is refused."""
        return await asyncio.to_thread(deliver, self.port, raw, recipient, sender)

    async def take_in(self) -> int:
        """How many mails were due."""
        return await self.mail_in.taking_in.once()

    async def rows(self) -> list[dict[str, Any]]:
        """All stored mails, in the order of arrival."""
        rows = await self.intake.client["intake"][COLLECTION].find().sort("received_at", 1).to_list(None)
        return list(rows)

    async def row(self, recipient: str) -> dict[str, Any]:
        """The one mail to a recipient: the random half of a token, or "plain"."""
        (found,) = [row for row in await self.rows() if row["recipient"] == recipient]
        return found


def deliver(port: int, raw: bytes, recipient: str, sender: str = "somebody@kommune.example") -> tuple[int, str]:
    """One mail by LMTP, as a mail server hands it over."""
    with smtplib.LMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo()
        client.mail(sender)
        code, text = client.rcpt(recipient)
        if code == 250:
            code, text = client.data(raw)
        return code, text.decode()


@asynccontextmanager
async def post_office(mongodb: str, **changes: str) -> AsyncIterator[PostOffice]:
    """An intake of tests/intake_house.py with its listener running."""
    [port] = free_ports(1)
    given = {"FORLOEB_INTAKE_LMTP": f"127.0.0.1:{port}", "FORLOEB_INTAKE_AUTHSERV_ID": AUTHSERV_ID} | changes
    async with house(settings_for(mongodb=mongodb, **given)) as intake:
        mail_in = build_mail_in(intake.parts, settings=intake.settings, client=intake.client)
        running = [asyncio.create_task(one.run()) for one in mail_in.listeners]
        await until(lambda: all_up(mail_in), what="the listener", seconds=30)
        try:
            yield PostOffice(intake, mail_in, port)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for stop in mail_in.stops:
                await stop()


async def all_up(mail_in: MailIn) -> bool:
    """Whether everything listens that is to."""
    try:
        for listener in mail_in.listeners:
            await listener.check()
    except DependencyDownError:
        return False
    return True
