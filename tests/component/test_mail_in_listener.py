"""The listener: whom it takes mail for and from, what it refuses, and that nobody can talk it into a second mail."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from services.intake.mail_in import listener as listening
from services.intake.mail_in.listener import CONNECTIONS_MAX, LINE_BYTES_MAX, UNANSWERED_BYTES_MAX, Listener
from services.intake.mail_in.mail import MAIL_BYTES_MAX, PLAIN
from services.intake.mail_in.recipients import Recipients
from services.intake.mail_in.where import Where, lmtp_at, smtp_at
from shared.address_token import make_token
from shared.bounce_address import bounce_address
from shared.client_address import networks
from shared.errors import DependencyDownError
from tests.polling import until

KEY, BOUNCE_KEY = bytes(32), bytes(range(32))
TOKEN = make_token(b"0123456789", key=KEY)
RECIPIENTS = Recipients(
    mailbox="invite", bounce_mailbox="bounce", domain="forloeb.example", key=KEY, bounce_key=BOUNCE_KEY
)
MESSAGE_ID = "0193fd6a-0000-5000-8000-000000000021"
RETURN_PATH = bounce_address(MESSAGE_ID, key=BOUNCE_KEY, mailbox="bounce", domain="forloeb.example")
FOREIGN_RETURN_PATH = bounce_address(MESSAGE_ID, key=KEY, mailbox="bounce", domain="forloeb.example")
ENVELOPE = ("MAIL FROM:<a@b.example>", f"RCPT TO:<invite+{TOKEN}@forloeb.example>")


@dataclass
class Desk:
    """What a listener gives its mails to; `down` and `full` are what tests set."""

    where: Where
    taken: list[tuple[bytes, str, str]] = field(default_factory=list)
    down: bool = False
    full: bool = False

    async def take(self, raw: bytes, recipient: str, return_path: str) -> None:
        if self.down:
            raise DependencyDownError("database")
        self.taken.append((raw, recipient, return_path))

    async def has_room(self, recipient: str) -> bool:
        return not (self.full and recipient == PLAIN)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.where.path is not None:
            return await asyncio.open_unix_connection(self.where.path)
        return await asyncio.open_connection(self.where.host, self.where.port)

    async def say(self, *lines: str | bytes, greeting: str = "LHLO mx.example") -> list[str]:
        """The answers to these lines after the greeting, without that to QUIT; bytes are sent as they are."""
        reader, writer = await self.connect()
        for line in (greeting, *lines, "QUIT"):
            writer.write(line if isinstance(line, bytes) else line.encode() + b"\r\n")
        async with asyncio.timeout(20):
            text = (await reader.read()).decode()
        writer.close()
        answers = [line for line in text.splitlines() if line[3:4] == " "]
        return answers[2:-1]


@contextlib.asynccontextmanager
async def desk_at(where: Where, peers: str = "") -> AsyncIterator[Desk]:
    desk = Desk(where)
    listener = Listener(where, peers=networks(peers), recipients=RECIPIENTS, has_room=desk.has_room, take=desk.take)
    with pytest.raises(DependencyDownError):
        await listener.check()
    running = asyncio.create_task(listener.run())

    async def up() -> bool:
        with contextlib.suppress(DependencyDownError):
            await listener.check()
            return True
        return False

    await until(up, what="the listener")
    yield desk
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(DependencyDownError):
        await listener.check()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    [port] = free_ports(1)
    async with desk_at(lmtp_at(f"127.0.0.1:{port}")) as found:
        yield found


def codes(answers: Sequence[str]) -> list[str]:
    return [answer[:3] for answer in answers]


async def test_a_mail_is_answered_when_it_is_stored(desk: Desk) -> None:
    """Its bytes as they came, the random half of the token, the return path."""
    answers = await desk.say(*ENVELOPE, "DATA", b"Subject: x\r\n\r\n..\xe6\r\n.\r\n")
    assert codes(answers) == ["250", "250", "354", "250"]
    assert desk.taken == [(b"Subject: x\r\n\r\n.\xe6\r\n", b"0123456789".hex(), "a@b.example")]


async def test_while_the_database_is_away_the_sender_keeps_the_mail(desk: Desk) -> None:
    """A code that says: try again."""
    desk.down = True
    assert (await desk.say(*ENVELOPE, "DATA", b"x\r\n.\r\n"))[-1].startswith("451 4.3.0")
    assert desk.taken == []


@pytest.mark.parametrize(
    "address",
    [
        f"invite+{TOKEN[:-1]}a@forloeb.example",
        "invite+abc@forloeb.example",
        f"other+{TOKEN}@forloeb.example",
        f"invite+{TOKEN}@elsewhere.example",
        f"invite+{TOKEN}@sub.forloeb.example",
        "postmaster@forloeb.example",
        "invite@forloeb.example@elsewhere.example",
        "invite",
        "@forloeb.example",
        f"invite+{TOKEN}+{TOKEN}@forloeb.example",
        "bounce@forloeb.example",
        f"bounce+{TOKEN}@forloeb.example",
        RETURN_PATH.replace("bounce+", "invite+"),
        RETURN_PATH.replace("@forloeb", "@elsewhere"),
        FOREIGN_RETURN_PATH,
    ],
)
async def test_nobody_else_is_here(desk: Desk, address: str) -> None:
    """Guessed tokens, other mailboxes, other domains: one answer for all, before any mail is sent."""
    answers = await desk.say(ENVELOPE[0], f"RCPT TO:<{address}>", "DATA")
    assert codes(answers)[1] in {"550", "553"}
    assert codes(answers)[2] == "503"


async def test_the_case_of_an_address_does_not_matter(desk: Desk) -> None:
    """Mail servers may change it on the way."""
    address = f"INVITE+{TOKEN.upper()}@Forloeb.Example"
    await desk.say(ENVELOPE[0], f"RCPT TO:<{address}>", "DATA", b"x\r\n.\r\n")
    assert [recipient for _, recipient, _ in desk.taken] == [b"0123456789".hex()]


async def test_a_bounce_has_an_empty_return_path(desk: Desk) -> None:
    """It is taken, since a mail server must be able to deliver it; whoever reads it knows what it is."""
    await desk.say("MAIL FROM:<>", "RCPT TO:<invite@forloeb.example>", "DATA", b"x\r\n.\r\n")
    assert [(recipient, path) for _, recipient, path in desk.taken] == [(PLAIN, "")]


async def test_what_comes_to_a_return_path_is_known_by_its_message(desk: Desk) -> None:
    """In whatever case mail servers have made of the address."""
    for address in (RETURN_PATH, RETURN_PATH.upper()):
        await desk.say("MAIL FROM:<>", f"RCPT TO:<{address}>", "DATA", b"x\r\n.\r\n")
    assert [recipient for _, recipient, _ in desk.taken] == [f"returned:{MESSAGE_ID}"] * 2


async def test_one_recipient_at_a_time(desk: Desk) -> None:
    """So that one answer stands for one mail; the mail server delivers the others by themselves."""
    answers = await desk.say(*ENVELOPE, "RCPT TO:<invite@forloeb.example>", "DATA", b"x\r\n.\r\n")
    assert answers[2].startswith("452 4.5.3")
    assert len(desk.taken) == 1


async def test_a_full_desk_takes_tokens_only(desk: Desk) -> None:
    """What nobody can attribute waits with its sender while staff have enough to look at."""
    desk.full = True
    answers = await desk.say(ENVELOPE[0], "RCPT TO:<invite@forloeb.example>", ENVELOPE[1])
    assert codes(answers) == ["250", "452", "250"]


@pytest.mark.parametrize(
    "smuggled", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n\n.\r\n", b"\r\r\n.\r\r\n"]
)
async def test_only_a_dot_between_whole_line_ends_ends_a_mail(desk: Desk, smuggled: bytes) -> None:
    """What other servers pass on as text must not be the end here, or a second mail could be hidden in a first."""
    hidden = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<invite@forloeb.example>\r\nDATA\r\nhidden\r\n"
    answers = await desk.say(*ENVELOPE, "DATA", b"text" + smuggled + hidden + b".\r\n")
    assert codes(answers) == ["250", "250", "354", "250"]
    assert len(desk.taken) == 1
    assert b"hidden" in desk.taken[0][0]


async def test_what_is_too_large_is_refused(desk: Desk) -> None:
    """As announced, as sent, and line by line; the conversation goes on."""
    announced = await desk.say(f"MAIL FROM:<a@b.example> SIZE={MAIL_BYTES_MAX + 1}")
    assert codes(announced) == ["552"]
    line = b"x" * 998 + b"\r\n"
    sent = await desk.say(*ENVELOPE, "DATA", line * (MAIL_BYTES_MAX // len(line) + 1) + b".\r\n", "NOOP")
    assert codes(sent) == ["250", "250", "354", "552", "250"]
    long = await desk.say(*ENVELOPE, "DATA", b"x" * (LINE_BYTES_MAX + 10) + b"\r\n.\r\n", "NOOP")
    assert codes(long) == ["250", "250", "354", "500", "250"]
    command = await desk.say("NOOP " + "x" * 2_000, "NOOP")
    assert codes(command) == ["500", "250"]
    assert desk.taken == []


async def test_a_line_that_never_ends_is_cut_off(desk: Desk) -> None:
    """It would be kept whole in memory until the client is silent, hundreds of megabytes of it."""
    reader, writer = await desk.connect()
    for line in ("LHLO mx.example", *ENVELOPE, "DATA"):
        writer.write(line.encode() + b"\r\n")
    await reader.readuntil(b"354")
    with contextlib.suppress(ConnectionError):
        for _ in range(UNANSWERED_BYTES_MAX // MAIL_BYTES_MAX + 1):
            writer.write(b"x" * MAIL_BYTES_MAX)
            await writer.drain()
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            assert b"552 5.3.4" in await reader.read()
    assert desk.taken == []
    writer.close()


async def test_nothing_is_told_to_the_curious(desk: Desk) -> None:
    """No addresses, no commands, no version, no log-in."""
    answers = await desk.say("VRFY invite", "EXPN staff", "HELP", "AUTH PLAIN AAA", "STARTTLS")
    assert codes(answers) == ["252", "502", "214", "502", "454"]
    reader, writer = await desk.connect()
    assert await reader.readline() == b"220 forloeb.example LMTP\r\n"
    writer.write(b"LHLO x\r\n")
    told = [await reader.readline() for _ in range(5)]
    assert told == [
        b"250-forloeb.example\r\n",
        f"250-SIZE {MAIL_BYTES_MAX}\r\n".encode(),
        b"250-8BITMIME\r\n",
        b"250-PIPELINING\r\n",
        b"250 ENHANCEDSTATUSCODES\r\n",
    ]
    writer.close()


@pytest.mark.parametrize(
    "line", ["MAIL FROM:<" + "(" * 900 + ">", 'MAIL FROM:<"' + "\\" * 900 + '"@b>', "MAIL FROM:<a@b> X=" + "y" * 500]
)
async def test_odd_commands_end_in_an_answer(desk: Desk, line: str) -> None:
    """However deep or long: one answer, and the conversation goes on."""
    answers = await desk.say(line, "NOOP")
    assert answers[0][0] in "245"
    assert answers[1].startswith("250")


async def test_too_many_connections_are_asked_to_come_back(desk: Desk) -> None:
    """And those that are there go on."""
    open_ones = [await desk.connect() for _ in range(CONNECTIONS_MAX)]
    for reader, _ in open_ones:
        assert (await reader.readline()).startswith(b"220")
    reader, writer = await desk.connect()
    assert (await reader.read()).startswith(b"421 4.3.2")
    writer.close()
    for _, one in open_ones:
        one.close()

    # Some time passes until the listener has noticed that they are gone.
    async def served_again() -> bool:
        with contextlib.suppress(OSError):
            return codes(await desk.say("NOOP")) == ["250"]
        return False

    await until(served_again, what="room for a new connection")


async def test_who_says_nothing_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is no place to rest."""
    monkeypatch.setattr(listening, "SILENCE_SECONDS_MAX", 0.1)
    reader, writer = await desk.connect()
    async with asyncio.timeout(10):
        assert (await reader.read()).startswith(b"220")
    writer.close()


async def test_smtp_is_for_peers_only() -> None:
    """Everybody else hears one line and is gone."""
    [port, other] = free_ports(2)
    async with desk_at(smtp_at(f"127.0.0.1:{port}"), peers="192.0.2.0/24") as desk:
        reader, writer = await desk.connect()
        assert (await reader.read()).startswith(b"554 5.7.1")
        writer.close()
    async with desk_at(smtp_at(f"127.0.0.1:{other}"), peers="127.0.0.0/8") as desk:
        answers = await desk.say(*ENVELOPE, "DATA", b"x\r\n.\r\n", greeting="EHLO mx.example")
        assert codes(answers) == ["250", "250", "354", "250"]


async def test_a_socket_is_for_its_owner_and_group(tmp_path: Path) -> None:
    """Also where a process that was killed has left one behind."""
    path = tmp_path / "lmtp"
    path.touch()
    async with desk_at(lmtp_at(f"unix:{path}")) as desk:
        assert path.stat().st_mode & 0o777 == 0o660
        assert codes(await desk.say(*ENVELOPE)) == ["250", "250"]


@pytest.mark.parametrize(
    "text", ["0.0.0.0:24", "192.0.2.1:24", "[::]:24", "localhost:24", "127.0.0.1", "127.0.0.1:0", "unix:lmtp", ""]
)
def test_lmtp_is_never_open_to_others(text: str) -> None:
    """The settings are refused: whoever reaches LMTP may deliver anything."""
    with pytest.raises(ValueError, match=r"is not|names no"):
        lmtp_at(text)
