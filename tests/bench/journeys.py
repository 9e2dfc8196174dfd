"""Sends applications through the whole running system and finds out when the last mail of each course was accepted."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared import mongo
from shared.programme import load_programme
from tests.bench.applications import PROGRAMME, roster
from tests.bench.load import Answers, Orders, send
from tests.bench.system import Sink, System, wait_until

SERVICES = ("intake", "scheduler", "notifier")
MAILS_SECONDS = 600.0
CONTACTS = 2
PEOPLE = CONTACTS + 1
COURSE_MAILS = PEOPLE * (1 + len(load_programme(PROGRAMME).plans["single"].meetings_of()))
"""Of one booked course: to each person one that explains it, and one per meeting."""
MAILS = CONTACTS + COURSE_MAILS
"""Of one application, receipts included."""
COURSE_KINDS = ("course_booked", "invite")


class NotToldError(Exception):
    """The mails are not those of courses that were all booked."""


@dataclass(frozen=True, kw_only=True)
class Journey:
    """One application: when it was due to be sent, when it was taken, when the last mail of its course was accepted."""

    application_id: str
    due: float
    taken: float
    told: float

    @property
    def seconds(self) -> float:
        return self.told - self.due


def make_roster(system: System, *, courses: int) -> None:
    """A roster that has room for so many courses."""
    system.import_roster(roster(courses))


def travel(system: System, sink: Sink, **orders: Any) -> list[Journey]:
    """Send applications as a trusted caller, and wait until everybody was told. In the order of sending.

    Raises:
        TimeoutError: not all mails came.
        NotToldError: they are others than expected.

    """
    before = sink.count()
    token = system.settings["FORLOEB_INTAKE_API_TOKEN"]
    answers = send(Orders(url=system.address("intake"), token=token, **orders))
    wanted = before + MAILS * len(answers.rows)
    wait_until(lambda: sink.count() >= wanted, f"{wanted} mails", seconds=MAILS_SECONDS)
    return asyncio.run(_journeys(system, sink, answers))


async def _journeys(system: System, sink: Sink, answers: Answers) -> list[Journey]:
    names = [row[2] for row in answers.rows]
    client = mongo.connect(system.mongodb, app_name="bench")
    messages = client["notifier"]["messages"]
    fields = {"application_id": 1, "kind": 1, "internet_message_id": 1}
    rows: list[mongo.Document] = []
    try:
        for name in names:
            rows += await messages.find({"application_id": name}, fields).to_list(None)
    finally:
        client.close()
    rows = [row for row in rows if row["kind"] in COURSE_KINDS]
    counts = Counter(row["application_id"] for row in rows)
    if any(counts[name] != COURSE_MAILS for name in names):
        raise NotToldError("some application did not get its course: is the roster large enough?")
    accepted = {name: at for at, name in reversed(sink.accepted())}
    told: dict[str, float] = {}
    for row in rows:
        at = accepted[row["internet_message_id"]]
        told[row["application_id"]] = max(told.get(row["application_id"], 0.0), at)
    return [
        Journey(application_id=name, due=due, taken=taken, told=told[name]) for due, taken, name in sorted(answers.rows)
    ]
