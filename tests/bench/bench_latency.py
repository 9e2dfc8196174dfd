"""From the POST of an application to the moment when the mail server has accepted the last mail of its course.

Ten applications a second, each with its seventeen mails, against one a second on the same system: load must not make people wait.
Where a machine takes longer for each than a tenth of a second, they queue, and the times tell how long the queue was; what it could
do is told by `finished_per_second` and `cpu_ms_per_application`, and by the times at two a second.
"""

from typing import Any

from tests.bench.journeys import MAILS, SERVICES, Journey, make_roster, travel
from tests.bench.system import percentile, system_with_sink

LOADS = {1: 30.0, 2: 30.0, 10: 20.0}
"""Applications a second, and for how many seconds."""
CALM, BUSY = min(LOADS), max(LOADS)
WARM_UP = 20


def measure() -> dict[str, Any]:
    with system_with_sink(services=SERVICES) as (system, sink):
        make_roster(system, courses=WARM_UP + sum(int(rate * seconds) for rate, seconds in LOADS.items()))
        travel(system, sink, name="warm", count=WARM_UP, connections=2)
        figures: dict[int, dict[str, float]] = {}
        for rate, seconds in LOADS.items():
            before = system.cpu_seconds()
            journeys = travel(system, sink, name=f"rate{rate}", per_second=rate, seconds=seconds)
            used = {name: taken - before.get(name, 0.0) for name, taken in system.cpu_seconds().items()}
            figures[rate] = _figures(journeys)
    return {
        "ratio": round(figures[BUSY]["p50_ms"] / figures[CALM]["p50_ms"], 2),
        "goal": 2,
        "better": "lower",
        "figures": {
            "kafka": system.kafka,
            "mails_per_application": MAILS,
            **{f"at_{rate}_per_second": found for rate, found in figures.items()},
            f"cpu_ms_per_application_at_{BUSY}_per_second": {
                name: round(taken / len(journeys) * 1000, 1) for name, taken in used.items()
            },
        },
    }


def _figures(journeys: list[Journey]) -> dict[str, float]:
    told = [journey.seconds * 1000 for journey in journeys]
    taken = [(journey.taken - journey.due) * 1000 for journey in journeys]
    return {
        "applications": len(journeys),
        "finished_per_second": round(len(journeys) / (max(one.told for one in journeys) - journeys[0].due), 2),
        "p50_ms": round(percentile(told, 0.5), 1),
        "p99_ms": round(percentile(told, 0.99), 1),
        "max_ms": round(max(told), 1),
        "answered_p50_ms": round(percentile(taken, 0.5), 1),
        "answered_p99_ms": round(percentile(taken, 0.99), 1),
    }
