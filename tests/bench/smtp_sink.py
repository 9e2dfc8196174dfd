"""A mail server that takes everything at once and notes when: `python -m tests.bench.smtp_sink PORT FILE [FOLDER]`.

Each accepted mail is a line `seconds Message-ID` in FILE, written before the answer; with FOLDER the first mails are kept there.
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


async def serve(port: int, log: Path, folder: Path | None) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taken = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        writer.write(b"220 sink ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                found = MESSAGE_ID.search(mail)
                if folder is not None and taken < KEPT_MAX:
                    (folder / f"{taken:03}.eml").write_bytes(mail.removesuffix(b".\r\n"))
                taken += 1
                os.write(descriptor, b"%.6f %s\n" % (time.time(), found[1] if found else b"-"))
                writer.write(b"250 2.0.0 taken\r\n")
            elif verb == b"EHLO":
                writer.write(b"250-sink\r\n250-SIZE %d\r\n250 ENHANCEDSTATUSCODES\r\n" % MAIL_BYTES_MAX)
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 bye\r\n")
                break
            else:
                writer.write(b"250 2.0.0 ok\r\n")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port, limit=MAIL_BYTES_MAX)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None))
