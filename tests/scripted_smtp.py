"""A small SMTP server that answers by a script, to be rude in exactly one phase of a conversation."""

import asyncio
import itertools
import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

DROP = "drop the connection"
SILENCE = "never answer"
ENDLESS_LINE = "send a line that never ends"
ENDLESS_REPLY = "send lines of one reply for ever"
HALF_A_LINE = "send half a line and no more"
TRICKLE = "send a line so slowly that it never ends"
HOLD = "answer politely, but not before a test says so"
SLOW_SECONDS = 0.05

Answer = str
"""A reply without its line end, or one of the above."""

POLITE: dict[str, Answer] = {
    "GREETING": "220 test ESMTP",
    "EHLO": "250-test\r\n250-SIZE 1000000\r\n250 ENHANCEDSTATUSCODES",
    "HELO": "250 test",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "CONTENT": "",
    "DOT": "250 2.0.0 queued as 4F1A",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


class ScriptedSmtp:
    """Answers politely except where `rude` says otherwise: one answer, or several in turn of which the last one stays.

    `CONTENT` stands for the time while a mail comes in: anything but nothing ends it before its closing dot.
    `commands` are the lines as they came, with `GREETING` for a new connection; `mails` the contents after DATA, `held` those of
    them that were not refused, so that they may reach the recipient. With `slow` each answer takes a while. With `greylisting`
    a triplet of client, sender and recipient is put off when it comes for the first time. `plain_after_starttls`: STARTTLS is
    answered, and no TLS follows. With `one_mail_each` a connection takes one mail only. `let_go` ends every `HOLD`.
    """

    def __init__(
        self,
        rude: Mapping[str, Answer | Sequence[Answer]] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        port: int = 0,
        slow: bool = False,
        greylisting: bool = False,
        plain_after_starttls: bool = False,
        one_mail_each: Answer = "",
    ) -> None:
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.held: list[bytes] = []
        self.let_go = asyncio.Event()
        self.port = port
        self._answers = {verb: _in_turn(answer) for verb, answer in {**POLITE, **(rude or {})}.items()}
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._slow = slow
        self._seen: set[tuple[str, str, str]] | None = set() if greylisting else None
        self._plain_after_starttls = plain_after_starttls
        self._one_mail_each = one_mail_each
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        tls = self._tls if self._implicit_tls else None
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def verbs(self) -> list[str]:
        return [command.partition(" ")[0] for command in self.commands]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.commands.append("GREETING")
        await self._answer(writer, "GREETING")
        peer, sender, taken = writer.get_extra_info("peername")[0], "", 0
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            self.commands.append(line)
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == "MAIL":
                sender = rest
            instead = self._one_mail_each if verb == "MAIL" and taken else ""
            if verb == "RCPT" and self._is_grey((peer, sender, rest)):
                instead = "451 4.7.1 greylisted, come back"
            reply = await self._answer(writer, verb, instead)
            if verb == "STARTTLS" and self._tls is not None and reply.startswith("220"):
                if self._plain_after_starttls:
                    await reader.read(100)
                    writer.write(b"500 5.5.2 what\r\n")
                    await reader.read()
                    return
                await writer.start_tls(self._tls)
            elif verb == "DATA" and reply.startswith("354"):
                await self._take_in(reader, writer)
                taken += 1
            elif verb == "QUIT" or reply.startswith("421"):
                return

    async def _take_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (interruption := self._next("CONTENT")) != "":
            await reader.read(10)
            await self._say(writer, interruption)
        mail = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        self.mails.append(mail)
        self.commands.append("DOT")
        if self._answers["DOT"][0][:1] not in {"4", "5"}:
            self.held.append(mail)
        await self._answer(writer, "DOT")

    def _is_grey(self, triplet: tuple[str, str, str]) -> bool:
        if self._seen is None or triplet in self._seen:
            return False
        self._seen.add(triplet)
        return True

    def _next(self, verb: str) -> Answer:
        answers = self._answers.get(verb, ["500 5.5.2 what"])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _answer(self, writer: asyncio.StreamWriter, verb: str, instead: Answer = "") -> str:
        if self._slow:
            await asyncio.sleep(SLOW_SECONDS)
        answer = instead or self._next(verb)
        if answer == HOLD:
            await self.let_go.wait()
            answer = POLITE[verb]
        return await self._say(writer, answer)

    def be_rude(self, verb: str, *answers: Answer) -> None:
        """From now on."""
        self._answers[verb] = list(answers)

    async def _say(self, writer: asyncio.StreamWriter, answer: Answer) -> str:
        if answer == DROP:
            raise ConnectionResetError
        if answer == SILENCE:
            await asyncio.Event().wait()
        if answer == HALF_A_LINE:
            writer.write(b"250 he")
            await asyncio.Event().wait()
        for piece, pause in _floods(answer):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        writer.write(f"{answer}\r\n".encode("utf-8", "surrogateescape"))
        await writer.drain()
        return answer


def _floods(answer: Answer) -> "itertools.repeat[tuple[bytes, float]] | tuple[()]":
    """What is sent for ever, with the seconds in between."""
    if answer == ENDLESS_LINE:
        return itertools.repeat((b"250 " + b"x" * 1000, 0.0))
    if answer == ENDLESS_REPLY:
        return itertools.repeat((b"250-and so on\r\n" * 50, 0.0))
    if answer == TRICKLE:
        return itertools.repeat((b"2", 0.02))
    return ()


def _in_turn(answer: Answer | Sequence[Answer]) -> list[Answer]:
    return [answer] if isinstance(answer, str) else list(answer)
