"""A small SMTP server that answers by a script, to be rude in exactly one phase of a conversation."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

DROP = "drop the connection"
SILENCE = "never answer"

Answer = str
"""A reply without its line end, or DROP, or SILENCE."""

POLITE: dict[str, Answer] = {
    "GREETING": "220 test ESMTP",
    "EHLO": "250-test\r\n250-SIZE 1000000\r\n250 ENHANCEDSTATUSCODES",
    "HELO": "250 test",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 queued as 4F1A",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


class ScriptedSmtp:
    """Answers politely except where `rude` says otherwise: one answer, or several in turn of which the last one stays.

    `commands` are the lines as they came, with `GREETING` for a new connection; `mails` the contents after DATA.
    """

    def __init__(
        self,
        rude: Mapping[str, Answer | Sequence[Answer]] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        port: int = 0,
    ) -> None:
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.port = port
        self._answers = {verb: _in_turn(answer) for verb, answer in {**POLITE, **(rude or {})}.items()}
        self._tls = tls
        self._implicit_tls = implicit_tls
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
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            verb = line.partition(" ")[0].upper()
            reply = await self._answer(writer, verb)
            if verb == "STARTTLS" and self._tls is not None and reply.startswith("220"):
                await writer.start_tls(self._tls)
            elif verb == "DATA" and reply.startswith("354"):
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n"))
                self.commands.append("DOT")
                await self._answer(writer, "DOT")
            elif verb == "QUIT" or reply.startswith("421"):
                return

    async def _answer(self, writer: asyncio.StreamWriter, verb: str) -> str:
        answers = self._answers[verb]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == DROP:
            raise ConnectionResetError
        if answer == SILENCE:
            await asyncio.Event().wait()
        writer.write(f"{answer}\r\n".encode("utf-8", "surrogateescape"))
        await writer.drain()
        return answer


def _in_turn(answer: Answer | Sequence[Answer]) -> list[Answer]:
    return [answer] if isinstance(answer, str) else list(answer)
