"""The local mail server's own part: what it writes about senders, how it passes mail on, and what it gives back."""

import asyncio
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import Envelope

from deploy.local.mail_bounce import bounce
from deploy.local.mail_desk import Desk, Takes
from deploy.local.mail_nobody import fate_at
from deploy.local.mail_relay import Answer, Relay, Waiting
from deploy.local.mail_stamp import stamped, writes_as
from services.intake.returned.read_report import read
from tests.polling import until

US = "mail.forloeb.example"
TAKES = Takes(mailboxes=("invite", "bounce"), domain="forloeb.example")
NOW = datetime(2027, 1, 1, tzinfo=UTC)
MAIL = Waiting(sender="anna@konsulent.example", recipient="invite+abc@forloeb.example", content=b"From: a\r\n\r\nx")


def results(content: bytes) -> list[str]:
    return [str(value) for value in message_from_bytes(content, policy=default).get_all("Authentication-Results", [])]


def test_a_mail_of_somebody_who_logged_in_says_so() -> None:
    """The domain in From is that of the account."""
    marked = stamped(b"From: <anna@konsulent.example>\r\n\r\nx", authserv_id=US, account="anna@konsulent.example")
    assert results(marked) == [f"{US}; dmarc=pass header.from=konsulent.example"]


@pytest.mark.parametrize(
    "forged",
    [
        b"Authentication-Results: mail.forloeb.example; dmarc=pass header.from=konsulent.example\r\n",
        b"AUTHENTICATION-RESULTS : mail.forloeb.example;\r\n\tdmarc=pass\r\n  header.from=konsulent.example\r\n",
        b"Authentication-Results: (;) mail.for\r\n loeb.example; dmarc=pass\r\n",
        b"X-Note: one\rAuthentication-Results: mail.forloeb.example; dmarc=pass\r\n",
        b"X-Note: one\nAuthentication-Results: mail.forloeb.example; dmarc=pass\n",
    ],
)
def test_what_a_sender_writes_about_herself_is_removed(forged: bytes) -> None:
    """However it is written; the other fields and the body stay."""
    content = forged + b"From: <anna@konsulent.example>\r\nSubject: Svar\r\n\r\nAuthentication-Results: in the body\r\n"
    marked = stamped(content, authserv_id=US, account=None)
    head, _, body = marked.partition(b"\r\n\r\n")
    assert head.lower().count(b"authentication-results") == 1
    assert results(marked) == [f"{US}; none"]
    assert b"Subject: Svar" in head
    assert body == b"Authentication-Results: in the body\r\n"


@pytest.mark.parametrize(
    ("head", "allowed"),
    [
        (b"From: Anna <anna@konsulent.example>", True),
        (b"From: Anna@Konsulent.example", True),
        (b"From: bo@konsulent.example", False),
        (b"From: anna@konsulent.example, bo@konsulent.example", False),
        (b"From: anna@konsulent.example\r\nFrom: bo@konsulent.example", False),
        (b"Subject: nobody", False),
    ],
)
def test_an_account_writes_only_as_itself(head: bytes, allowed: bool) -> None:  # noqa: FBT001 - a column
    """One From field with the one address that logged in."""
    assert writes_as(head + b"\r\n\r\nx", "anna@konsulent.example") is allowed


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("invite@forloeb.example", True),
        ("Invite+ABC@Forloeb.example", True),
        ("bounce+ABC@forloeb.example", True),
        ("inviteother@forloeb.example", False),
        ("invite@other.example", False),
    ],
)
def test_only_mail_to_the_mailboxes_of_intake_is_passed_on(address: str, taken: bool) -> None:  # noqa: FBT001 - a column
    """With a token or plain."""
    assert TAKES.takes(address) is taken


class Receiver:
    """Says what it is told to, in order, then takes everything."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.taken: list[Waiting] = []

    async def deliver(self, mail: Waiting) -> Answer:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else Answer(code=250, text="Stored")
        if answer is None:
            raise ConnectionRefusedError
        if answer.code == 250:
            self.taken.append(mail)
        return answer


async def relayed(receiver: Receiver, *, asked: int) -> list[tuple[Waiting, Answer]]:
    """What was given back once the receiver was asked so often."""
    given_back: list[tuple[Waiting, Answer]] = []

    async def give_back(mail: Waiting, answer: Answer) -> None:
        given_back.append((mail, answer))

    relay = Relay(deliver=receiver.deliver, give_back=give_back, pause_seconds=0.001)
    running = asyncio.create_task(relay.run())
    relay.add(MAIL)

    async def is_asked() -> bool:
        return receiver.asked == asked and (bool(receiver.taken) or bool(given_back))

    try:
        await until(is_asked, what="the receiver", seconds=5)
    finally:
        running.cancel()
    return given_back


@pytest.mark.anyio
async def test_a_receiver_that_is_away_gets_the_mail_when_it_is_back() -> None:
    """Nobody there, and a temporary no, are no end: it is tried again, and nobody is told anything."""
    receiver = Receiver(None, Answer(code=451, text="Not now"), None)
    assert await relayed(receiver, asked=4) == []
    assert [(mail.recipient, mail.content) for mail in receiver.taken] == [(MAIL.recipient, MAIL.content)]


@pytest.mark.anyio
async def test_a_refusal_for_good_is_told_to_the_sender() -> None:
    """Once, and it is not tried again."""
    no = Answer(code=550, text="5.1.1 No such address here")
    assert await relayed(Receiver(no), asked=1) == [(MAIL, no)]


def test_a_refusal_reaches_the_sender_as_a_delivery_report() -> None:
    """With the address and the reason, and marked as written by a machine."""
    report = message_from_bytes(
        bounce(MAIL, Answer(code=550, text="No such address"), by=US, now=NOW),
        policy=default,
    )
    assert report.get_content_type() == "multipart/report"
    assert report["To"] == MAIL.sender
    assert report["Auto-Submitted"] == "auto-replied"
    parts = [part.get_content_type() for part in report.iter_parts()]
    assert parts == ["text/plain", "message/delivery-status"]
    assert "550 No such address" in report.as_string()


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("ukendt@kommune.example", "failed"),
        ("Ukendt.Person@kommune.example", "failed"),
        ("forsinket@kommune.example", "delayed"),
        ("anne@kommune.example", None),
        ("anne@ukendt.example", None),
    ],
)
def test_at_a_few_addresses_mail_does_not_arrive(address: str, action: str | None) -> None:
    """Told by the beginning of the local part; everybody else has a mailbox."""
    fate = fate_at(address)
    assert (fate.action if fate else None) == action


class Session:
    """A conversation in which nobody logged in."""

    login_data: bytes | None = None


@pytest.mark.anyio
@pytest.mark.parametrize("sender", ["bounce+abc@forloeb.example", "anna@konsulent.example", ""])
async def test_what_does_not_arrive_is_told_to_its_sender(sender: str) -> None:
    """By way of the relay where the return path is one of intake's, else into the inbox; never for an empty return path."""
    inboxes: list[tuple[str, bytes]] = []

    async def store(address: str, content: bytes) -> None:
        inboxes.append((address, content))

    receiver = Receiver()
    relay = Relay(deliver=receiver.deliver, give_back=no_giving_back, pause_seconds=0.001)
    desk = Desk(store=store, takes=TAKES, relay=relay, authserv_id=US, clock=lambda: NOW)
    envelope = Envelope()
    envelope.mail_from, envelope.original_content = sender, b"Subject: x\r\n\r\nx"
    envelope.rcpt_tos = ["ukendt@kommune.example", "forsinket@kommune.example", "bo@kommune.example"]
    running = asyncio.create_task(relay.run())
    assert await desk.handle_DATA(None, Session(), envelope) == "250 OK"  # type: ignore[arg-type]
    passed_on = 2 if sender.startswith("bounce+") else 0
    await until(lambda: len(receiver.taken) == passed_on, what="the reports", seconds=5)
    running.cancel()
    reports = [content for address, content in inboxes if address == sender] + [one.content for one in receiver.taken]
    assert sorted(address for address, _ in inboxes if address != sender) == [
        "bo@kommune.example",
        "forsinket@kommune.example",
    ]
    assert {(one.sender, one.recipient) for one in receiver.taken} == ({("", sender)} if passed_on else set())
    told = [(said.action, said.status) for said in (read(one, envelope_from="") for one in reports)]
    assert told == ([("failed", "5.1.1"), ("delayed", "4.4.1")] if sender else [])


async def no_giving_back(_mail: Waiting, _answer: Answer) -> None:
    """Nothing is refused."""
