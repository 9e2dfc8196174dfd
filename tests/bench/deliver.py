"""Delivers mails by LMTP over several connections, from a process of its own: `python -m tests.bench.deliver PORT FILE`.

FILE holds a row of JSON per mail: recipient, mail. Each connection sends its next mail when the last one is answered. Prints when
it began, and when the last answer came (seconds since the epoch).
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

CONNECTIONS = 16


class NotTakenError(Exception):
    """A mail was not answered 250."""


def deliver(port: int, file: Path) -> tuple[float, float]:
    """Have all mails of the file delivered."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.deliver", str(port), str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotTakenError(done.stderr[-2000:])
    begun, ended = json.loads(done.stdout)
    return begun, ended


async def _connection(port: int, mails: Iterator[tuple[str, bytes]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(line: bytes, code: bytes) -> None:
        writer.write(line)
        while (answer := await reader.readline())[3:4] == b"-":
            pass
        if not answer.startswith(code):
            raise NotTakenError(answer)

    await ask(b"", b"220")
    await ask(b"LHLO bench\r\n", b"250")
    for recipient, mail in mails:
        await ask(b"MAIL FROM:<somebody@kommune.example>\r\n", b"250")
        await ask(f"RCPT TO:<{recipient}>\r\n".encode(), b"250")
        await ask(b"DATA\r\n", b"354")
        await ask(mail + b".\r\n", b"250")
    await ask(b"QUIT\r\n", b"221")
    writer.close()


async def _main(port: int, rows: list[tuple[str, str]]) -> None:
    mails = iter([(recipient, mail.encode()) for recipient, mail in rows])
    begun = time.time()
    await asyncio.gather(*(_connection(port, mails) for _ in range(CONNECTIONS)))
    print(json.dumps([begun, time.time()]))


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), [json.loads(line) for line in Path(sys.argv[2]).read_text().splitlines()]))
