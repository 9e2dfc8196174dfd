"""Asks each kind of server in its own protocol whether it is ready to work: an open port alone proves nothing."""

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from deploy.local.processes import Running
from shared import kafka, mongo
from shared.errors import DependencyDownError

ANSWER_SECONDS = 5
POLL_SECONDS = 0.1


class NotReadyError(Exception):
    """A program ended, or did not answer in time. The message says where to look."""


class UnexpectedAnswerError(Exception):
    """Somebody answered, but not in the way that this server does when it is ready."""


async def wait_until_ready(program: Running, asks: Iterable[tuple[str, str]], *, timeout_seconds: float) -> None:
    """Ask in every protocol of `asks` (pairs of protocol and address) until each answer was right once.

    Raises:
        NotReadyError: the program has ended, or gave no right answer within `timeout_seconds`.

    """
    deadline = time.monotonic() + timeout_seconds
    for protocol, address in asks:
        while not await _answers(protocol, address):
            if not program.alive:
                raise NotReadyError(f"{program.name} ended at its start. {_last_words(program)}")
            if time.monotonic() > deadline:
                raise NotReadyError(f"{program.name} gave no answer in {timeout_seconds:.0f} s. {_last_words(program)}")
            await asyncio.sleep(POLL_SECONDS)


async def _answers(protocol: str, address: str) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await PROBES[protocol](address)
    except (OSError, TimeoutError, DependencyDownError, UnexpectedAnswerError):
        return False
    return True


def _last_words(program: Running) -> str:
    return f"The end of {program.log}:\n{program.log_tail()}"


async def mongodb(uri: str) -> None:
    """`ping` through the driver."""
    await _connects(uri)
    client = mongo.connect(uri, app_name="forloeb-stack")
    try:
        await mongo.ping(client)
    finally:
        client.close()


async def kafka_brokers(bootstrap_servers: str) -> None:
    """Cluster metadata through the client, from every broker named."""
    for server in bootstrap_servers.split(","):
        await _connects(f"kafka://{server}")
        await kafka.ping(kafka.KafkaAddress(bootstrap_servers=server))


async def smtp(address: str) -> None:
    await _greets(address, b"220 ", goodbye=b"QUIT\r\n")


async def imap(address: str) -> None:
    await _greets(address, b"* OK", goodbye=b"a LOGOUT\r\n")


async def http(url: str) -> None:
    """A GET that is answered with 200."""
    await asyncio.to_thread(_get, url)


async def _connects(address: str) -> None:
    # Asked first, since the drivers complain loudly about a server that is only still starting.
    parts = urlsplit(address)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.close()
    await writer.wait_closed()


async def _greets(address: str, greeting: bytes, *, goodbye: bytes) -> None:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        line = await reader.readline()
        if not line.startswith(greeting):
            raise UnexpectedAnswerError(f"{address} greets with {line[:80]!r}")
        writer.write(goodbye)
        await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()


def _get(url: str) -> None:
    if not url.startswith("http://127.0.0.1:"):
        raise ValueError(f"not an address of the embedded stack: {url}")
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):  # noqa: S310 - checked above
            return
    except urllib.error.HTTPError as error:
        raise UnexpectedAnswerError(f"{url} answers {error.code}") from error


PROBES: dict[str, Callable[[str], Awaitable[None]]] = {
    "mongodb": mongodb,
    "kafka": kafka_brokers,
    "smtp": smtp,
    "imap": imap,
    "http": http,
}
