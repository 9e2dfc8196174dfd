"""Intake as a process of its own."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from deploy.local import processes
from deploy.local.ports import free_ports
from deploy.local.processes import Running

STOP_SECONDS = 15
START_SECONDS = 60


@dataclass(frozen=True)
class IntakeProcess:
    running: Running
    url: str

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.running.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def intake_process(folder: Path, settings: dict[str, str], *, path: str = "/readyz") -> Iterator[IntakeProcess]:
    """The process, from the moment that `path` answers 200 until the end of the block."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    running = processes.spawn(
        "intake",
        [sys.executable, "-m", "services.cli", "run", "intake"],
        log=folder / "intake.log",
        environment={**os.environ, **settings, "FORLOEB_INTAKE_PORT": str(port), "FORLOEB_PUBLIC_URL": url},
    )
    try:
        _await_answer(running, url + path)
        yield IntakeProcess(running, url)
    finally:
        processes.stop([running], patience_seconds=STOP_SECONDS)


def _await_answer(running: Running, url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert running.alive, running.log_tail()
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert time.monotonic() < deadline, running.log_tail()
        time.sleep(0.05)
