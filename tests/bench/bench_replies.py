"""Replies that intake takes in a second, against bare aiosmtpd that inserts each mail with motor.

Taken in: stored sealed, answered, read in the process apart, judged, said in the application with its event, and decided. Real
courses of the scheduler, which rests meanwhile; the same mails over the same connections to both, in turns, on the same database.
"""

import asyncio
import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.local import processes
from deploy.local.ports import free_ports
from deploy.local.services import AUTHSERV_ID
from services.intake.course_view import CourseView
from shared import mongo
from shared.address_token import REPLY_ADDRESS, address_with, make_token
from shared.events import Meeting, Person
from shared.settings import CommonSettings, load
from shared.signing import purpose_key
from shared.vault import MasterKey, Vault
from tests.bench.deliver import CONNECTIONS, deliver
from tests.bench.journeys import make_roster
from tests.bench.load import Orders, send
from tests.bench.system import System, running_system, wait_until
from tests.mail_in import reply
from tests.polling import until

COURSES = 40
MAILS = 400
ROUNDS = 3
TAKEN_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.2
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WAYS = ("intake", "bare")


@dataclass(frozen=True, kw_only=True)
class Invited:
    """A contact and a meeting of hers."""

    recipient: str
    mail: str
    meeting: Meeting


def measure() -> dict[str, Any]:
    with running_system(services=["intake", "scheduler"]) as system:
        make_roster(system, courses=COURSES)
        send(
            Orders(
                url=system.address("intake"),
                name="replies",
                token=system.settings["FORLOEB_INTAKE_API_TOKEN"],
                count=COURSES,
            )
        )
        wait_until(lambda: asyncio.run(_known(system)) == COURSES, "all courses", seconds=TAKEN_SECONDS_MAX)
        processes.stop([system.programs["scheduler"]], patience_seconds=20)
        invited = asyncio.run(_invited(system))
        [port] = free_ports(1)
        system.start_helper("tests.bench.bare_lmtp", str(port), address=f"tcp://127.0.0.1:{port}")
        ports = {"intake": int(str(system.addresses["lmtp"]).rpartition(":")[2]), "bare": port}
        for way in WAYS:
            _round(system, way, ports[way], invited, name=f"warm{way}")
        rates: dict[str, list[float]] = {way: [] for way in WAYS}
        stored: list[float] = []
        used: dict[str, Counter[str]] = {way: Counter() for way in WAYS}
        for number in range(ROUNDS):
            for way in sorted(WAYS, reverse=number % 2 == 0):
                before = system.cpu_seconds()
                answered, taken = _round(system, way, ports[way], invited, name=f"round{number}{way}")
                rates[way].append(MAILS / taken)
                used[way] += Counter({one: at - before.get(one, 0.0) for one, at in system.cpu_seconds().items()})
                if way == "intake":
                    stored.append(MAILS / answered)
    ratios = [ours / bare for ours, bare in zip(rates["intake"], rates["bare"], strict=True)]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "goal": 0.5,
        "better": "higher",
        "figures": {
            "mails": MAILS,
            "connections": CONNECTIONS,
            "taken_in_per_second": [round(rate) for rate in rates["intake"]],
            "bare_per_second": [round(rate) for rate in rates["bare"]],
            "answered_per_second": [round(rate) for rate in stored],
            "ratios": [round(ratio, 3) for ratio in ratios],
            "cpu_ms_per_mail": {
                way: {one: round(seconds / (MAILS * ROUNDS) * 1000, 2) for one, seconds in found.items()}
                for way, found in used.items()
            },
        },
    }


def _round(system: System, way: str, port: int, invited: Sequence[Invited], *, name: str) -> tuple[float, float]:
    """Seconds until all mails were answered, and until all were done with."""
    file = _file(system.home.root / f"{name}.jsonl", invited, name)
    begun, ended = deliver(port, file)
    if way == "intake":
        return ended - begun, asyncio.run(_last_decided(system)) - begun
    return ended - begun, ended - begun


def _file(path: Path, invited: Sequence[Invited], name: str) -> Path:
    """One answer of everybody in turn; each round all say something else."""
    rows = []
    for number in range(MAILS):
        one = invited[number % len(invited)]
        raw = reply(
            one.meeting,
            one.mail,
            ("ACCEPTED", "TENTATIVE")[number % 2],
            message_id=f"<{name}.{number}@kommune.example>",
            authserv_id=AUTHSERV_ID,
        )
        rows.append(json.dumps([one.recipient, raw.decode()]))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


async def _known(system: System) -> int:
    client = mongo.connect(system.mongodb, app_name="bench")
    return int(await client["intake"]["courses"].count_documents({"course.state": "booked"}))


async def _last_decided(system: System) -> float:
    """When the last mail was decided, as intake's clock told; waits for it. Raises where not all were answers."""
    mails = mongo.connect(system.mongodb, app_name="bench")["intake"]["mails"]

    async def all_decided() -> bool:
        return await mails.find_one({"due_at": {"$gt": LONG_AGO}}, {"_id": 1}) is None

    # Seldom, and no more than one document: looking must cost the database nothing that counts.
    await until(all_decided, what="all mails taken in", seconds=TAKEN_SECONDS_MAX, look_seconds=LOOK_SECONDS)
    if others := await mails.find_one({"state": {"$ne": "answered"}}, {"state": 1, "reason": 1}):
        raise AssertionError(f"not taken in as an answer: {others}")
    [last] = await mails.find({}, {"decided_at": 1}).sort("decided_at", -1).limit(1).to_list(1)
    return float(last["decided_at"].timestamp())


async def _invited(system: System) -> list[Invited]:
    settings = load(CommonSettings, {k: v for k, v in system.settings.items() if k.startswith("FORLOEB_")})
    client = mongo.connect(system.mongodb, app_name="bench")
    master_key = MasterKey(settings.master_key.get_secret_value())
    vault = Vault(keys=client["vault"]["keys"], master_key=master_key, clock=lambda: datetime.now(UTC))
    key = purpose_key(settings.link_secret, REPLY_ADDRESS)
    found = []
    for row in await client["intake"]["courses"].find().to_list(None):
        course = CourseView.model_validate(row["course"])
        people = await vault.unseal_known(course.people, Person, place=course.place(row["_id"]))
        for meeting in course.meetings:
            for person_id, reply_id in meeting.reply_ids.items():
                if people[person_id].function != "consultant":
                    token = make_token(bytes.fromhex(reply_id), key=key)
                    address = address_with(token, mailbox="invite", domain="forloeb.example")
                    found.append(Invited(recipient=address, mail=people[person_id].mail, meeting=meeting))
    return found
