"""A mailbox that is read by IMAP: what is new in it is stored once, flagged as seen after that, and left alone otherwise."""

import asyncio
import imaplib
import smtplib
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services.intake.mail_in import polling as polls
from services.intake.mail_in import room
from services.intake.mail_in.imap import Connection, MailboxError
from services.intake.mail_in.mail import MAIL_BYTES_MAX
from services.intake.mail_in.mailbox import Mailbox
from services.intake.mail_in.polling import Polling
from shared.errors import DependencyDownError
from tests.answer_samples import booked
from tests.embedded import Embedded
from tests.mail_in import KAREN, PostOffice, post_office, reply


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    settings = {
        "FORLOEB_DEMO": "1",
        "FORLOEB_INTAKE_IMAP_URL": stack.imap,
        "FORLOEB_INTAKE_IMAP_USER": f"svar-{uuid4().hex[:12]}@forloeb.example",
        "FORLOEB_INTAKE_IMAP_PASSWORD": stack.mail_password,
    }
    async with post_office(stack.mongodb, **settings) as found:
        yield found


def mailbox(office: PostOffice) -> Mailbox:
    found = office.intake.settings.mailbox
    assert found is not None
    return found


def polling(office: PostOffice) -> Polling:
    found = office.mail_in.polling
    assert found is not None
    return found


async def post(stack: Embedded, office: PostOffice, raw: bytes) -> None:
    """As the mailbox's own server delivers it."""
    await asyncio.to_thread(_post, stack.smtp, mailbox(office).user, raw)


def _post(smtp: str, address: str, raw: bytes) -> None:
    parts = urlsplit(smtp)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0, timeout=20) as client:
        client.sendmail("somebody@kommune.example", [address], raw)


async def seen(office: PostOffice) -> list[bool]:
    """Of each mail in the mailbox, whether it is flagged as seen."""
    return await asyncio.to_thread(_seen, mailbox(office))


def _seen(box: Mailbox) -> list[bool]:
    with imaplib.IMAP4(box.host, box.port, timeout=10) as client:
        client.login(box.user, box.password)
        client.select(box.folder, readonly=True)
        numbers = client.search(None, "ALL")[1][0].split()
        return [b"\\Seen" in client.fetch(number, "(FLAGS)")[1][0] for number in numbers]


async def test_what_is_new_is_stored_once_and_flagged(stack: Embedded, office: PostOffice) -> None:
    """The token stands in To; what has none is for the plain mailbox."""
    course = await booked(office.intake)
    address = office.address(course, course.leader)
    await post(stack, office, reply(course.meeting, "leder@kommune.example", to=address))
    await post(stack, office, b"Return-Path: <>\r\nTo: <invite@forloeb.example>\r\nSubject: x\r\n\r\nx\r\n")
    assert await polling(office).once() == 2
    assert await seen(office) == [True, True]
    assert await polling(office).once() == 0
    stored = await office.row(course.meeting.reply_ids[course.leader])
    assert stored["state"] == "stored"


async def test_killed_before_the_flag_it_is_stored_once(
    stack: Embedded, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same mail is fetched again, known by its digest, and flagged then."""
    course = await booked(office.intake)
    await post(stack, office, reply(course.meeting, "a@b.example", to=office.address(course, course.leader)))

    def gone(*_: object) -> None:
        raise MailboxError("fetch")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "done", gone)
        with pytest.raises(MailboxError):
            await polling(office).once()
    assert await seen(office) == [False]
    assert await polling(office).once() == 1
    assert await seen(office) == [True]
    await office.row(course.meeting.reply_ids[course.leader])


async def test_what_cannot_be_stored_stays_unseen(
    stack: Embedded, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away nothing in the mailbox changes."""
    course = await booked(office.intake)
    await post(stack, office, reply(course.meeting, "a@b.example", to=office.address(course, course.leader)))

    async def down(*_: object) -> bool:
        raise DependencyDownError("database")

    monkeypatch.setattr(office.intake.parts.mails, "insert", down)
    with pytest.raises(DependencyDownError):
        await polling(office).once()
    assert await seen(office) == [False]


async def test_what_is_too_large_is_never_fetched(stack: Embedded, office: PostOffice) -> None:
    """Its size is asked first; it is flagged, so that it is not asked about for ever."""
    await post(stack, office, b"Subject: x\r\n\r\n" + (b"y" * 998 + b"\r\n") * (MAIL_BYTES_MAX // 1_000 + 20))
    assert await polling(office).once() == 0
    assert await seen(office) == [True]


async def test_what_the_server_does_not_give_out_now_is_read_later(
    stack: Embedded, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may say no to a question, as while it is being backed up: that is no reason to flag a mail, or to lose others."""
    course = await booked(office.intake)
    for person in (course.leader, course.consultant):
        await post(stack, office, reply(course.meeting, KAREN, to=office.address(course, person)))
    question = imaplib.IMAP4.uid

    def refusing(client: imaplib.IMAP4, command: str, *args: str) -> object:
        is_first = command == "FETCH" and args[0] == client.uid("SEARCH", "ALL")[1][0].split()[0].decode()
        return ("NO", [b"[UNAVAILABLE] later"]) if is_first else question(client, command, *args)

    with monkeypatch.context() as patched:
        patched.setattr(imaplib.IMAP4, "uid", refusing)
        assert await polling(office).once() == 1
    assert await seen(office) == [False, True]
    assert await polling(office).once() == 1


async def test_what_there_is_no_room_for_keeps_nothing_else_out(
    stack: Embedded, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While staff have enough to look at, mails to the mailbox itself stay unseen, however many; answers behind them are read."""
    monkeypatch.setattr(polls, "MAILS_MAX", 2)
    monkeypatch.setattr(room, "PARKED_MAX", 0)
    course = await booked(office.intake)
    for number in range(2):
        await post(stack, office, f"To: <invite@forloeb.example>\r\nSubject: {number}\r\n\r\nx\r\n".encode())
    await post(stack, office, reply(course.meeting, KAREN, to=office.address(course, course.leader)))
    assert [await polling(office).once() for _ in range(3)] == [0, 1, 0]
    assert await seen(office) == [False, False, True]


@pytest.mark.parametrize(
    ("change", "step"), [({"password": "wrong"}, "login"), ({"folder": "Nowhere"}, "select"), ({"port": 1}, "connect")]
)
async def test_where_it_cannot_be_read_the_step_is_told(
    office: PostOffice, change: dict[str, object], step: str
) -> None:
    """Never what the server answered, which may name people."""
    with pytest.raises(MailboxError) as told:
        await asyncio.to_thread(Connection, replace(mailbox(office), **change))
    assert told.value.step == step


async def test_a_server_elsewhere_must_speak_tls(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is not sent before: this server knows no STARTTLS."""
    monkeypatch.setattr(Mailbox, "is_local", False)
    with pytest.raises(MailboxError) as told:
        await asyncio.to_thread(Connection, replace(mailbox(office)))
    assert told.value.step == "tls"
