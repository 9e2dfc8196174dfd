"""How late mails are when the sender has half as much to do as it can, and what a pile of due ones does to it.

Lateness is from the moment when a mail is due to the moment when the mail server has it. The ratio is the 99th percentile against
the five seconds allowed. The pile: how long until the first of it goes out, and how the sender's memory grows meanwhile.
`PILE=100000` makes it larger; the embedded database reads all of a pile at each look, and does not answer in time at so many.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from deploy.local import processes
from tests.bench.queued_mails import put_in
from tests.bench.system import Sink, System, percentile, system_with_sink, wait_until

PILE = int(os.environ.get("PILE", "10000"))
CALIBRATION = 600
LOADED_SECONDS = 60.0
LATE_SECONDS_MAX = 5.0
LEAD_SECONDS = 5.0
PILE_LOOKS = (500, 1_500, 3_000, 4_500)
SECONDS_MAX = 600.0


def measure() -> dict[str, Any]:
    with system_with_sink(services=["notifier"]) as (system, sink):
        full = _full_rate(system, sink)
        late = _lateness(system, sink, per_second=full / 2)
        pile = _pile(system, sink)
    p99 = percentile(late, 0.99)
    return {
        "ratio": round(p99 / LATE_SECONDS_MAX, 3),
        "goal": 1,
        "better": "lower",
        "figures": {
            "mails_per_second_at_most": round(full, 1),
            "at_half_load": {
                "mails": len(late),
                "late_p50_seconds": round(percentile(late, 0.5), 2),
                "late_p99_seconds": round(p99, 2),
            },
            "pile": pile,
        },
    }


def _full_rate(system: System, sink: Sink) -> float:
    due_at = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS)
    ours = put_in(system, [due_at] * CALIBRATION).keys()
    _wait(sink, set(ours), CALIBRATION)
    moments = sorted(at for at, name in sink.accepted() if name in ours)
    return (CALIBRATION - 1) / (moments[-1] - moments[0])


def _lateness(system: System, sink: Sink, *, per_second: float) -> list[float]:
    """Seconds, of each of the mails that become due one after the other."""
    count = int(per_second * LOADED_SECONDS)
    begin = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS + count / 200)
    due = put_in(system, [begin + timedelta(seconds=number / per_second) for number in range(count)])
    _wait(sink, set(due), count)
    return [at - due[name].timestamp() for at, name in sink.accepted() if name in due]


def _pile(system: System, sink: Sink) -> dict[str, float]:
    """The pile is complete when the sender begins, as after an outage."""
    processes.stop([system.programs.pop("notifier")], patience_seconds=20)
    before = sink.count()
    put_in(system, [datetime.now(UTC)] * PILE)
    begun = time.time()
    system.start_services(["notifier"])
    pid = system.programs["notifier"].pid
    wait_until(lambda: sink.count() > before, "the first of the pile", seconds=SECONDS_MAX)
    first = sink.accepted()[before][0] - begun
    memory = {}
    for sent in PILE_LOOKS:
        wait_until(partial(_has, sink, before + sent), f"{sent} of the pile", seconds=SECONDS_MAX)
        memory[f"resident_mb_after_{sent}"] = _resident_mb(pid)
    return {"messages": PILE, "first_after_start_seconds": round(first, 2), **memory}


def _wait(sink: Sink, ours: set[str], count: int) -> None:
    wait_until(
        lambda: len(ours & {name for _, name in sink.accepted()}) == count, f"{count} mails", seconds=SECONDS_MAX
    )


def _has(sink: Sink, count: int) -> bool:
    return sink.count() >= count


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return round(pages * 4096 / 1_000_000, 1)
