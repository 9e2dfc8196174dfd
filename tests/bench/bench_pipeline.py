"""Applications a second that the whole pipeline finishes (all mails accepted), against a bare loop over the same operations.

Each side begins with empty databases. The loop is one process; it runs with one application in hand, and with as many at once as the
notifier has mail connections, and counts with the better of the two.
"""

import asyncio
import statistics
from email import message_from_bytes
from pathlib import Path
from typing import Any

from services.notifier.settings import NotifierSettings
from shared import mongo
from tests.bench.bare_loop import LoopOrders, Model, run_loop
from tests.bench.journeys import MAILS, SERVICES, make_roster, travel
from tests.bench.system import Sink, System, system_with_sink

APPLICATIONS = 60
WARM_UP = 10
ROUNDS = 2
SENDERS: int = NotifierSettings.model_fields["notifier_senders"].default


def measure() -> dict[str, Any]:
    rounds = [_round() for _ in range(ROUNDS)]
    ratios = [one["pipeline_per_second"] / max(one["loop_per_second"].values()) for one in rounds]
    return {
        "ratio": round(statistics.mean(ratios), 3),
        "goal": 0.5,
        "better": "higher",
        "figures": {
            "applications": APPLICATIONS,
            "mails_per_application": MAILS,
            "rounds": rounds,
        },
    }


def _round() -> dict[str, Any]:
    with system_with_sink(services=SERVICES) as (system, sink):
        make_roster(system, courses=APPLICATIONS + WARM_UP)
        travel(system, sink, name="warm", count=WARM_UP, connections=2)
        before = system.cpu_seconds()
        journeys = travel(system, sink, name="batch", count=APPLICATIONS)
        used = {name: seconds - before.get(name, 0.0) for name, seconds in system.cpu_seconds().items()}
        seconds = max(one.told for one in journeys) - min(one.due for one in journeys)
        model = asyncio.run(_model(system, sink))
        kafka = system.kafka
    loops = {f"{at_once}_at_once": round(_loop(model, at_once), 2) for at_once in (1, SENDERS)}
    return {
        "kafka": kafka,
        "pipeline_per_second": round(APPLICATIONS / seconds, 2),
        "loop_per_second": loops,
        "cpu_ms_per_application": {name: round(one / APPLICATIONS * 1000, 1) for name, one in used.items()},
    }


def _loop(model: Model, at_once: int) -> float:
    """The bare loop on servers of its own, which hold nothing yet; Kafka is there and has nothing to do."""
    with system_with_sink(services=()) as (system, sink):
        file = system.home.root / "model"
        model.write(file)
        return run_loop(
            LoopOrders(
                mongodb=system.mongodb, smtp_port=sink.port, model=str(file), count=APPLICATIONS, at_once=at_once
            )
        )


async def _model(system: System, sink: Sink) -> Model:
    """What was stored and sent for one of the applications of which the sink has kept the mails."""
    client = mongo.connect(system.mongodb, app_name="bench")
    try:
        mails = {str(message_from_bytes(mail)["Message-ID"]): mail for mail in _kept(sink.kept)}
        found = client["notifier"]["messages"].find({"internet_message_id": {"$in": list(mails)}})
        by_application: dict[str, list[mongo.Document]] = {}
        for row in await found.to_list(None):
            by_application.setdefault(row["application_id"], []).append(row)
        name, messages = next((name, rows) for name, rows in by_application.items() if len(rows) == MAILS)
        messages.sort(key=lambda row: row["kind"] != "receipt")
        view = await client["notifier"]["courses"].find_one({"_id": name})
        application = await client["intake"]["applications"].find_one({"_id": name})
        course = await client["scheduler"]["courses"].find_one({"_id": name})
        assert view
        assert application
        assert course
        people = [f"person:{one}" for one in application["application"]["contacts"]]
        keys = await client["vault"]["keys"].find({"_id": {"$in": [f"application:{name}", *people]}}).to_list(None)
    finally:
        client.close()
    ordered = [mails[row["internet_message_id"]] for row in messages]
    return Model(keys=keys, application=application, course=course, view=view, messages=messages, mails=ordered)


def _kept(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]
