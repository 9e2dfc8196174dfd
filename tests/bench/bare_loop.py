"""What the pipeline is measured against: one process that makes the same reads and writes and sends the same mails, and nothing else.

No Kafka, no sealing, no matching, no rendering: it stores copies of documents that the pipeline has made, with ids of their own, and
sends copies of its mails. `python -m tests.bench.bare_loop` with its orders as JSON on stdin.
"""

import asyncio
import copy
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import uvloop
from aiosmtplib import SMTP

from shared import mongo

MAILS_PER_LEASE = 8
ENVELOPE_FROM = "spark@forloeb.example"
RECIPIENT = "modtager@kommune.example"


@dataclass(frozen=True, kw_only=True)
class LoopOrders:
    """`model` is the file of a `Model`; `at_once` is how many applications are in hand at a time, each with a mail connection."""

    mongodb: str
    smtp_port: int
    model: str
    count: int
    at_once: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """What the pipeline stored and sent for one application."""

    keys: list[mongo.Document]
    application: mongo.Document
    course: mongo.Document
    view: mongo.Document
    messages: list[mongo.Document]
    mails: list[bytes]

    def write(self, path: Path) -> None:
        path.write_bytes(bson.encode(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Model":
        return cls(**bson.decode(path.read_bytes()))


def run_loop(orders: LoopOrders) -> float:
    """Applications a second, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare_loop"],
        input=json.dumps(asdict(orders)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)


class _Loop:
    def __init__(self, client: mongo.Client, model: Model) -> None:
        self._model = model
        self._keys = client["vault"]["keys"]
        self._applications = client["intake"]["applications"]
        self._followed = client["intake"]["courses"]
        self._courses = client["scheduler"]["courses"]
        self._consultants = client["scheduler"]["consultants"]
        self._views = client["notifier"]["courses"]
        self._messages = client["notifier"]["messages"]

    async def one(self, number: int, smtp: SMTP) -> None:
        """One application, database command by database command as the services send them."""
        name, now = f"loop-{number}", datetime.now(UTC)
        model = copy.deepcopy(self._model)
        keys = [{**row, "_id": f"{name}-key-{place}"} for place, row in enumerate(model.keys)]
        await self._take_in(name, now, model, keys)
        await self._book(name, now, model, keys)
        await self._tell(name, now, model, keys)
        messages = [{**row, "_id": f"{name}-mail-{place}"} for place, row in enumerate(model.messages)]
        receipts = [row for row in messages if row["kind"] == "receipt"]
        others = [row for row in messages if row["kind"] != "receipt"]
        for rows in (receipts, others):
            await self._messages.insert_many(
                [_pending({**row, "application_id": name}, now) for row in rows], ordered=False
            )
        for first in range(0, len(messages), MAILS_PER_LEASE):
            await self._send(messages[first : first + MAILS_PER_LEASE], model.mails[first:], now, smtp)

    async def _take_in(self, name: str, now: datetime, model: Model, keys: list[mongo.Document]) -> None:
        await self._keys.insert_many(keys, ordered=False)
        event = {"id": name, "body": bson.encode(model.view["application"])}
        await self._applications.insert_one(
            model.application | {"_id": name, "only_once": [name], "outbox": [event, event], "relay_at": now}
        )
        await _clear(self._applications, name)

    async def _book(self, name: str, now: datetime, model: Model, keys: list[mongo.Document]) -> None:
        for _ in range(2):
            await self._courses.find_one({"_id": name}, {"outbox": 0, "claims": 0})
        for key in keys:
            await self._keys.find_one({"_id": key["_id"]})
        await self._consultants.find_one({"_id": name}, {"outbox": 0})
        event = {"id": name, "body": bson.encode(model.view["course"])}
        claims = [f"{name}|{number}" for number in range(len(model.course["claims"]))]
        await self._courses.insert_one(
            model.course | {"_id": name, "claims": claims, "outbox": [event], "relay_at": now}
        )
        await _clear(self._courses, name)
        await self._followed.find_one_and_update(
            {"_id": name, "seen.courses": {"$lt": 1}},
            {"$set": {"seen.courses": 1, "course": _without_people(model.view["course"])}},
            upsert=True,
        )

    async def _tell(self, name: str, _now: datetime, model: Model, keys: list[mongo.Document]) -> None:
        for key in keys:
            await self._keys.find_one({"_id": key["_id"]})
        await self._views.find_one({"_id": name})
        await self._views.insert_one(model.view | {"_id": name, "course": None, "told": {}, "version": 1})
        for version, fields in enumerate(
            ({"application": model.view["application"]}, {"course": model.view["course"], "told": model.view["told"]}),
            1,
        ):
            await self._views.find_one({"_id": name})
            await self._views.update_one({"_id": name, "version": version}, {"$set": fields, "$inc": {"version": 1}})

    async def _send(self, rows: list[mongo.Document], mails: list[bytes], now: datetime, smtp: SMTP) -> None:
        names = [row["_id"] for row in rows]
        await self._messages.find({"due_at": {"$lte": now}}, {"due_at": 1}).sort("due_at", 1).limit(8).to_list(8)
        await self._messages.update_many(
            {"_id": {"$in": names}, "due_at": {"$lte": now}},
            {
                "$set": {"state": "sending", "lease": "loop", "lease_until": now},
                "$unset": {"due_at": ""},
                "$inc": {"version": 1},
            },
        )
        await self._messages.find({"_id": {"$in": names}, "lease": "loop"}).to_list(None)
        for row, mail in zip(rows, mails, strict=False):
            await smtp.sendmail(ENVELOPE_FROM, [RECIPIENT], mail)
            finished = await self._messages.update_one(
                {"_id": row["_id"], "version": 2, "lease": "loop"},
                {
                    "$set": {"state": "accepted", "decided_at": now, "relay_at": now, "event_sequence": 1},
                    "$unset": {"lease": "", "lease_until": ""},
                    "$inc": {"version": 1},
                    "$push": {"outbox": {"id": row["_id"], "body": b"x" * 600}, "attempts": row["attempts"][0]},
                },
            )
            assert finished.matched_count == 1
        await _clear(self._messages, *names)


async def _clear(collection: mongo.Collection, *names: str) -> None:
    """As the relay takes out what it has published, of several documents in one command."""
    await collection.update_many({"_id": {"$in": names}}, {"$set": {"outbox": []}, "$unset": {"relay_at": ""}})


def _pending(row: mongo.Document, now: datetime) -> mongo.Document:
    done = ("decided_at", "relay_at")
    fresh = {key: value for key, value in row.items() if key not in done}
    return fresh | {"state": "pending", "due_at": now, "attempts": [], "version": 1, "outbox": []}


def _without_people(course: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in course.items() if key not in ("people", "matter")}


async def _run(orders: LoopOrders) -> float:
    client = mongo.connect(orders.mongodb, app_name="loop")
    loop = _Loop(client, Model.read(Path(orders.model)))
    numbers = iter(range(orders.count))

    async def work() -> None:
        smtp = SMTP(hostname="127.0.0.1", port=orders.smtp_port)
        await smtp.connect()
        for number in numbers:
            await loop.one(number, smtp)
        await smtp.quit()

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(orders.at_once)))
    return orders.count / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(uvloop.run(_run(LoopOrders(**json.load(sys.stdin)))))
