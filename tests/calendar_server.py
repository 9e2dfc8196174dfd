"""A web server on this machine that plays the servers of people's calendars, over TLS with an authority of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import httpcore2

from services.scheduler.calendars.outside_addresses import Address
from services.scheduler.calendars.pinned_network import Outside, dial_by_tcp
from tests.certificates import Certificates

HOST = "other.example"
"""The name on its certificate."""
PUBLIC = "93.184.215.14"

Play = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class CalendarServer:
    """`answers` by path: bytes as they go over the wire, or a function that writes them. What was asked for is kept."""

    tls: ssl.SSLContext
    port: int = 0
    answers: dict[str, bytes | Play] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    dialled: list[str] = field(default_factory=list)

    def outside(self) -> Outside:
        """The internet as it would be, but that every connection ends here. Addresses are checked as ever."""
        return Outside(resolve=self._resolve, dial=self._dial, tls=self.tls)

    def serve(self, path: str, content: bytes, *headers: str, status: str = "200 OK") -> str:
        """Have it answer with this; return the address."""
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
        self.answers[path] = "\r\n".join([*head, "", ""]).encode() + content
        return f"https://{HOST}{path}"

    def play(self, path: str, play: Play) -> str:
        self.answers[path] = play
        return f"https://{HOST}{path}"

    async def _resolve(self, host: str) -> Sequence[Address]:
        # One answer after the other, and the last for good: so a name can mean something else the next time.
        answers = self.names.get(host, [])
        if not answers:
            raise OSError
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(one) for one in found.split()]

    async def _dial(self, address: Address, port: int, seconds: float | None) -> httpcore2.AsyncNetworkStream:
        assert port == 443
        self.dialled.append(str(address))
        return await dial_by_tcp(ip_address("127.0.0.1"), self.port, seconds)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.asked.append(path)
            self.heads.append(head)
            answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def calendar_server(certificates: Certificates, *, name: str = HOST) -> AsyncIterator[CalendarServer]:
    """Serve until left; `name` is the one on the certificate that it shows."""
    found = CalendarServer(ssl.create_default_context(cafile=str(certificates.ca)))
    async with await asyncio.start_server(found.answer, "127.0.0.1", 0, ssl=certificates.server(name)) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found
