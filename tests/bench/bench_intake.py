"""Applications that intake takes a second, against a bare FastAPI service that inserts the same body with motor.

Both are single processes on the same database, under the same load in turns. Intake seals, signs, indexes and publishes what it
takes; the time until its last event is out is reported beside the rate.
"""

import asyncio
import statistics
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from deploy.local.ports import free_ports
from shared import mongo
from tests.bench.load import Orders, send
from tests.bench.system import System, running_system

CONNECTIONS = 16
ROUNDS = 5
ROUND_SECONDS = 5.0
WARM_UP_SECONDS = 2.0
DRAIN_SECONDS = 120.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def measure() -> dict[str, Any]:
    with running_system(services=["intake"]) as system:
        [port] = free_ports(1)
        system.start_helper("tests.bench.bare_service", str(port), address=f"tcp://127.0.0.1:{port}")
        urls = {"intake": system.address("intake"), "bare": f"http://127.0.0.1:{port}"}
        for name, url in urls.items():
            send(Orders(url=url, name=f"warm{name}", connections=CONNECTIONS, seconds=WARM_UP_SECONDS))
            _drain(system)
        rates: dict[str, list[float]] = {"intake": [], "bare": []}
        drains: list[float] = []
        taken: Counter[str] = Counter()
        used: dict[str, Counter[str]] = {name: Counter() for name in urls}
        for number in range(ROUNDS):
            # The second one of a round must not always be the same.
            for name in sorted(urls, reverse=number % 2 == 0):
                before = system.cpu_seconds()
                answers = send(
                    Orders(url=urls[name], name=f"round{number}{name}", connections=CONNECTIONS, seconds=ROUND_SECONDS)
                )
                rates[name].append(answers.per_second)
                drained = _drain(system)
                taken[name] += len(answers.rows)
                used[name] += Counter({one: at - before.get(one, 0.0) for one, at in system.cpu_seconds().items()})
                if name == "intake":
                    drains.append(drained)
        ratios = [ours / bare for ours, bare in zip(rates["intake"], rates["bare"], strict=True)]
        return {
            "ratio": round(statistics.median(ratios), 3),
            "goal": 0.6,
            "better": "higher",
            "figures": {
                "kafka": system.kafka,
                "connections": CONNECTIONS,
                "intake_per_second": [round(rate) for rate in rates["intake"]],
                "bare_per_second": [round(rate) for rate in rates["bare"]],
                "ratios": [round(ratio, 3) for ratio in ratios],
                "seconds_until_published_after_round": [round(seconds, 2) for seconds in drains],
                "cpu_ms_per_application": {
                    name: {one: round(seconds / taken[name] * 1000, 2) for one, seconds in found.items()}
                    for name, found in used.items()
                },
            },
        }


def _drain(system: System) -> float:
    """Wait until intake has published all it took; the seconds that it took."""
    return asyncio.run(_drained(system.mongodb))


async def _drained(uri: str) -> float:
    applications = mongo.connect(uri, app_name="bench")["intake"]["applications"]
    begun = asyncio.get_running_loop().time()
    while await applications.find_one({"relay_at": {"$gt": LONG_AGO}}, {"_id": 1}):
        if asyncio.get_running_loop().time() - begun > DRAIN_SECONDS:
            raise TimeoutError(f"intake had not published everything after {DRAIN_SECONDS:.0f} s")
        await asyncio.sleep(0.05)
    return asyncio.get_running_loop().time() - begun
