"""How much memory the services hold."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from deploy.local.processes import Running

KB_PER_MB = 1024


def resident_mb(programs: Iterable[Running]) -> dict[str, int]:
    """Resident memory in MiB by name; programs that have ended are left out."""
    return {program.name: kb // KB_PER_MB for program in programs if (kb := _resident_kb(program.pid)) is not None}


def _resident_kb(pid: int) -> int | None:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next((row for row in status.read_text(encoding="ascii").splitlines() if row.startswith("VmRSS:")), None)
        return int(line.split()[1]) if line else None
    command = ["/bin/ps", "-o", "rss=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - a number
    return int(answer) if answer else None
