"""The program that reads mails one after the other, in a process of its own with little memory: `python -m` this module.

It says that it is ready; then, for each line of JSON on its input (how long the mail is, how to read it: as an answer or as a
report about a mail of ours) and the mail behind it, it answers one line of JSON. It gets no secret, says nothing else, and has no
reason to use the network.
"""

import json
import resource
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from services.intake.imip.read_mail import read_mail
from services.intake.returned.read_report import read_report
from shared.fact import Fact

READY = b"ready\n"
CPU_SECONDS_MAX = 120
"""For all mails that one process reads; for a single one, `read_apart` has a clock."""
MEMORY_BYTES_MAX = 512 * 1024 * 1024


def main() -> None:
    """Read until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the parent says when it is over
    warnings.simplefilter("ignore")
    _limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every mail on `source`, until it ends."""
    sink.write(READY)
    sink.flush()
    while line := source.readline():
        asked = json.loads(line)
        raw = source.read(asked["bytes"])
        said: Fact
        if asked["as"] == "report":
            said = read_report(raw, envelope_from=asked["envelope_from"])
        else:
            said = read_mail(raw, authserv_id=asked["authserv_id"], envelope_from=asked["envelope_from"])
        sink.write(said.model_dump_json().encode() + b"\n")
        sink.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # macOS knows the name of this limit only.
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
        # Where memory is short for all, the kernel shall take this process and not the service.
        with suppress(OSError), Path("/proc/self/oom_score_adj").open("w") as score:
            score.write("1000")


if __name__ == "__main__":
    main()
