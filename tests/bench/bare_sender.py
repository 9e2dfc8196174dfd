"""Sends the same mail again and again over one reused connection of aiosmtplib: `python -m tests.bench.bare_sender PORT COUNT`.

Prints the mails a second. What a sender without any memory of its mails could do.
"""

import subprocess
import sys
import time

import uvloop
from aiosmtplib import SMTP

from tests.bench.queued_mails import one_mail


def bare_rate(port: int, count: int) -> float:
    """Mails a second, measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare_sender", str(port), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


async def _main(port: int, count: int) -> None:
    client = SMTP(hostname="127.0.0.1", port=port, start_tls=False)
    await client.connect()
    mail = one_mail()
    begun = time.monotonic()
    for _ in range(count):
        await client.sendmail("spark@forloeb.example", ["somebody@kommune.example"], mail)
    print(count / (time.monotonic() - begun))
    await client.quit()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), int(sys.argv[2])))
