"""The program that reads one calendar, in a process of its own with little time and memory: `python -m` this module.

On its input a line of JSON (what to look for), then the calendar; on its output one line of JSON. It gets no secret, says
nothing else, and has no reason to use the network.
"""

import json
import resource
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.scheduler.calendars.busy import Span
from services.scheduler.calendars.expand import expand
from services.scheduler.calendars.faults import CalendarFault

CPU_SECONDS_MAX = 10
MEMORY_BYTES_MAX = 512 * 1024 * 1024


def main() -> None:
    """Read, expand, answer."""
    _limit()
    warnings.simplefilter("ignore")
    try:
        said = answer(json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read())
    except CalendarFault as fault:
        said = {"fault": fault.reason}
    except MemoryError:
        said = {"fault": "overran"}
    except Exception:  # noqa: BLE001 - whatever a library says of it: its words may quote the calendar
        said = {"fault": "not-a-calendar"}
    sys.stdout.write(json.dumps(said))


def answer(asked: Mapping[str, str], content: bytes) -> dict[str, object]:
    """What `read_apart.Read` holds, found as `read_apart.Asked` asks. Raises CalendarFault."""
    found = expand(
        content,
        span=Span(datetime.fromisoformat(asked["begin"]), datetime.fromisoformat(asked["end"])),
        zone=ZoneInfo(asked["zone"]),
        mail=asked["mail"],
        domain=asked["domain"],
    )
    return {
        "busy": [(begin.timestamp(), end.timestamp()) for begin, end in found.busy],
        "ours": [(uid, begin.timestamp(), end.timestamp()) for uid, (begin, end) in found.ours],
        "events": found.events,
        "occurrences": found.occurrences,
        "unreadable": found.unreadable,
    }


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
