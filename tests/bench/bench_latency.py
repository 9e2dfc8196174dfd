"""From the POST of an application to the moment when the mail server has accepted the last mail of its course.

Ten applications a second, each with its seventeen mails, against one a second on the same system: load must not make people wait.
"""

from typing import Any

from tests.bench.journeys import MAILS, SERVICES, Journey, make_roster, travel
from tests.bench.system import percentile, system_with_sink

PER_SECOND = 10
SECONDS = 60
CALM_PER_SECOND = 1
CALM_SECONDS = 20
WARM_UP = 20


def measure() -> dict[str, Any]:
    with system_with_sink(services=SERVICES) as (system, sink):
        make_roster(system, courses=PER_SECOND * SECONDS + CALM_PER_SECOND * CALM_SECONDS + WARM_UP)
        travel(system, sink, name="warm", count=WARM_UP, connections=2)
        calm = travel(system, sink, name="calm", per_second=CALM_PER_SECOND, seconds=CALM_SECONDS)
        before = system.cpu_seconds()
        busy = travel(system, sink, name="busy", per_second=PER_SECOND, seconds=SECONDS)
        used = {name: seconds - before.get(name, 0.0) for name, seconds in system.cpu_seconds().items()}
    calm_figures, busy_figures = _figures(calm), _figures(busy)
    return {
        "ratio": round(busy_figures["p50_ms"] / calm_figures["p50_ms"], 3),
        "goal": 2,
        "better": "lower",
        "figures": {
            "kafka": system.kafka,
            "mails_per_application": MAILS,
            f"at_{PER_SECOND}_per_second": busy_figures,
            f"at_{CALM_PER_SECOND}_per_second": calm_figures,
            "cpu_ms_per_application": {name: round(seconds / len(busy) * 1000, 1) for name, seconds in used.items()},
        },
    }


def _figures(journeys: list[Journey]) -> dict[str, float]:
    told = [journey.seconds * 1000 for journey in journeys]
    taken = [(journey.taken - journey.due) * 1000 for journey in journeys]
    return {
        "applications": len(journeys),
        "p50_ms": round(percentile(told, 0.5), 1),
        "p99_ms": round(percentile(told, 0.99), 1),
        "max_ms": round(max(told), 1),
        "answered_p50_ms": round(percentile(taken, 0.5), 1),
        "answered_p99_ms": round(percentile(taken, 0.99), 1),
    }
