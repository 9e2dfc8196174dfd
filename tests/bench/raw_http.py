"""Sends finished requests over keep-alive connections with little work of its own, so that the service is measured, not the client."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """`first_byte_seconds` from the last byte sent to the first byte of the answer."""

    status: int
    length: int
    first_byte_seconds: float


class WrongAnswerError(Exception):
    """The service did not answer as it should."""


def request(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def send_all(url: str, requests: Sequence[bytes], *, connections: int, status: int) -> tuple[float, list[Reply]]:
    """All requests over so many connections, each sending again as soon as it is answered; the seconds, and the replies.

    Raises:
        WrongAnswerError: a reply has another status.

    """
    waiting = iter(requests)
    replies: list[Reply] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_keep_sending(url, waiting, replies, status) for _ in range(connections)))
    return time.perf_counter() - begun, replies


async def _keep_sending(url: str, waiting: Iterator[bytes], replies: list[Reply], status: int) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        for data in waiting:
            reply = await _exchange(reader, writer, data)
            if reply.status != status:
                raise WrongAnswerError(f"{reply.status} instead of {status}")
            replies.append(reply)
    finally:
        writer.close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> Reply:
    writer.write(data)
    await writer.drain()
    sent = time.perf_counter()
    first = await reader.readexactly(1)
    seconds = time.perf_counter() - sent
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return Reply(status=int(head.split(" ", 2)[1]), length=length, first_byte_seconds=seconds)
