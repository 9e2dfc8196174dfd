"""Ends programs when the one that started them is gone, however it went: SIGKILL and a crash cannot be caught from inside.

A small helper process reads what is on the leash from a pipe; the pipe's end is the sign that the holder has died.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from deploy.local.processes import PROJECT, Running, stop

PATIENCE_SECONDS = 10


class Leash:
    """Holds programs for as long as this process lives. `let_go` ends the holding without ending the programs."""

    def __init__(self) -> None:
        read_end, self._write_end = os.pipe()
        self._helper = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.leash"], stdin=read_end, start_new_session=True, cwd=PROJECT
        )
        os.close(read_end)

    def hold(self, program: Running) -> None:
        row = {"name": program.name, "pid": program.pid, "started": program.started, "log": str(program.log)}
        os.write(self._write_end, json.dumps(row).encode() + b"\n")

    def let_go(self) -> None:
        os.write(self._write_end, b"null\n")
        os.close(self._write_end)
        self._helper.wait()


def _watch() -> None:
    held: list[Running] = []
    for line in sys.stdin:
        row = json.loads(line)
        if row is None:
            return
        held.append(Running(name=row["name"], pid=row["pid"], started=row["started"], log=Path(row["log"])))
    for program in reversed(held):
        stop([program], patience_seconds=PATIENCE_SECONDS)


if __name__ == "__main__":
    _watch()
