"""Starting programs in the background, knowing them again by more than their number, and ending them."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.05
LOG_TAIL_BYTES = 2_000


@dataclass(frozen=True, kw_only=True)
class Running:
    """A program that was started. A process number is used again some day; number and start together are not."""

    name: str
    pid: int
    started: str
    log: Path

    @property
    def alive(self) -> bool:
        return _start_of(self.pid) == self.started

    def log_tail(self) -> str:
        """The last lines that the program wrote."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace").strip()


# Children of this very process must be asked for their exit code, or they stay as zombies.
_children: dict[int, "subprocess.Popen[bytes]"] = {}


def spawn(
    name: str, command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> Running:
    """Start a program in a session of its own (Ctrl-C in the terminal does not reach it).

    Its output goes to `log`; what an earlier start wrote there is kept beside it, with `.1` at the end.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - the commands are the project's own
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=PROJECT,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Running(name=name, pid=child.pid, started=_start_of(child.pid) or "", log=log)


def stop(programs: Sequence[Running], *, patience_seconds: float) -> None:
    """Ask all of these to end, together; whatever has not ended after `patience_seconds` is killed with all its children."""
    for program in programs:
        send(program, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while any(program.alive for program in programs) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for program in programs:
        kill(program)


def kill(program: Running) -> None:
    """SIGKILL to the program and its children, as hard as a power cut; returns when it is gone."""
    send(program, signal.SIGKILL, whole_group=True)
    while program.alive:
        time.sleep(POLL_SECONDS)


def send(program: Running, signal_number: int, *, whole_group: bool = False) -> None:
    """Signal exactly this program; nothing where it has ended, even if another one has its number now."""
    if not program.alive:
        return
    try:
        if whole_group:
            os.killpg(program.pid, signal_number)
        else:
            os.kill(program.pid, signal_number)
    except ProcessLookupError:
        return


def _start_of(pid: int) -> str | None:
    """When the living process with this number began, in whatever words the system has for it; None where there is none."""
    start = _start_on_linux(pid) if Path("/proc/self/stat").exists() else _start_elsewhere(pid)
    if start is None and pid in _children:
        _children.pop(pid).wait()
    return start


def _start_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    # The second field is the name in brackets and may hold anything; after it come the state (3) and, as field 22, the start.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _start_elsewhere(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603 - a number is no injection
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return start.strip() if start and not state.startswith("Z") else None
