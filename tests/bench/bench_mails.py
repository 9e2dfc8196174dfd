"""Mails a second that the notifier has accepted, against one reused connection of aiosmtplib to the same server.

The server takes 20 ms for each answer, as one over a network does: then a sender is as fast as it uses its connections. What both
do on a server that answers at once is told beside it; there the database is what takes time, which the bare loop does not have.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local import processes
from deploy.local.ports import free_ports
from tests.bench.bare_sender import bare_rate
from tests.bench.queued_mails import put_in
from tests.bench.system import Sink, System, running_system, wait_until

REPLY_MS = {"far": 20, "near": 0}
MAILS = {("far", 1): 120, ("far", 8): 400, ("near", 1): 400, ("near", 8): 400}
BARE_MAILS = {"far": 120, "near": 3000}
ROUNDS = 3
LEAD_SECONDS = 3.0
SECONDS_MAX = 180.0
MANY = 8


def measure() -> dict[str, Any]:
    rates: dict[str, list[float]] = {}
    with running_system() as system:
        for where in REPLY_MS:
            with _server(system, where) as sink:
                for senders in (1, MANY):
                    system.settings["FORLOEB_SMTP"] = f"smtp://127.0.0.1:{sink.port}"
                    system.settings["FORLOEB_NOTIFIER_SENDERS"] = str(senders)
                    system.start_services(["notifier"])
                    for _ in range(ROUNDS):
                        rates.setdefault(f"{where}_bare", []).append(bare_rate(sink.port, BARE_MAILS[where]))
                        rates.setdefault(f"{where}_{senders}", []).append(_sent(system, sink, MAILS[where, senders]))
                    processes.stop([system.programs.pop("notifier")], patience_seconds=20)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "ratio": round(middle["far_1"] / middle["far_bare"], 3),
        "goal": 0.9,
        "better": "higher",
        "figures": {
            "reply_ms": REPLY_MS["far"],
            "mails_per_second": {name: [round(rate, 1) for rate in found] for name, found in rates.items()},
            "eight_connections_against_one": round(middle[f"far_{MANY}"] / middle["far_1"], 2),
            "eight_connections_goal": 7,
            "ratio_on_a_server_that_answers_at_once": round(middle["near_1"] / middle["near_bare"], 3),
        },
    }


@contextmanager
def _server(system: System, where: str) -> Iterator[Sink]:
    [port] = free_ports(1)
    sink = Sink(port, system.home.root / f"{where}.log", system.home.root)
    helper = system.start_helper(
        "tests.bench.smtp_sink",
        str(port),
        str(sink.log),
        f"--reply-ms={REPLY_MS[where]}",
        address=f"tcp://127.0.0.1:{port}",
    )
    yield sink
    processes.stop([helper], patience_seconds=5)


def _sent(system: System, sink: Sink, count: int) -> float:
    """Mails a second from the first that was accepted to the last."""
    due_at = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS)
    ours = put_in(system, [due_at] * count).keys()

    def all_sent() -> bool:
        return len(ours & {name for _, name in sink.accepted()}) == len(ours)

    wait_until(all_sent, f"{count} mails", seconds=SECONDS_MAX)
    moments = sorted(at for at, name in sink.accepted() if name in ours)
    return (count - 1) / (moments[-1] - moments[0])
