"""A mail server that takes everything and notes when: `python -m tests.bench.smtp_sink PORT FILE [FOLDER] [--reply-ms=N]`.

Each accepted mail is a line `seconds Message-ID` in FILE, written before the answer; with FOLDER the first mails are kept there.
With `--reply-ms` each answer takes so long, as over a network.
"""

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import uvloop

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.MULTILINE | re.IGNORECASE)
KEPT_MAX = 200
MAIL_BYTES_MAX = 4 * 1024 * 1024


async def serve(port: int, log: Path, folder: Path | None, reply_seconds: float = 0.0) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taken = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken

        async def answer(line: bytes) -> None:
            if reply_seconds:
                await asyncio.sleep(reply_seconds)
            writer.write(line)

        await answer(b"220 sink ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                await answer(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                found = MESSAGE_ID.search(mail)
                if folder is not None and taken < KEPT_MAX:
                    (folder / f"{taken:03}.eml").write_bytes(mail.removesuffix(b".\r\n"))
                taken += 1
                os.write(descriptor, b"%.6f %s\n" % (time.time(), found[1] if found else b"-"))
                await answer(b"250 2.0.0 taken\r\n")
            elif verb == b"EHLO":
                await answer(b"250-sink\r\n250-SIZE %d\r\n250 ENHANCEDSTATUSCODES\r\n" % MAIL_BYTES_MAX)
            elif verb == b"QUIT":
                await answer(b"221 2.0.0 bye\r\n")
                break
            else:
                await answer(b"250 2.0.0 ok\r\n")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port, limit=MAIL_BYTES_MAX)
    await server.serve_forever()


def main(arguments: list[str]) -> None:
    delays = [one for one in arguments if one.startswith("--reply-ms=")]
    port, log, *folders = [one for one in arguments if one not in delays]
    reply_seconds = float(delays[0].partition("=")[2]) / 1000 if delays else 0.0
    uvloop.run(serve(int(port), Path(log), Path(folders[0]) if folders else None, reply_seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
