"""What taking mail in is measured against: bare aiosmtpd that inserts each mail as it comes: `python -m tests.bench.bare_lmtp PORT`.

One process; the write is acknowledged like intake's, and nothing is read, sealed or told.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

import uvloop
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared import mongo


class _Insert:
    def __init__(self, mails: mongo.Collection) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        await self._mails.insert_one(
            {"_id": str(uuid4()), "at": datetime.now(UTC), "to": envelope.rcpt_tos, "raw": envelope.original_content}
        )
        return "250 OK"


async def serve(port: int) -> None:
    insert = _Insert(mongo.connect(os.environ["FORLOEB_MONGODB"], app_name="bare")["bare"]["mails"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: LMTP(insert, hostname="bare", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
