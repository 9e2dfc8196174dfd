"""The monitor as a process, on embedded servers: what it keeps, what it tells, and what cannot stop it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient

from deploy.local import processes
from services.monitor.cli import Monitor, print_events, print_lag
from shared.envelope import to_headers
from shared.events import CourseBooked
from tests.event_samples import envelope_of
from tests.event_story import Story, Told
from tests.kafka_tools import RawRecord, produce
from tests.monitor_process import TOKEN, MonitorProcess, monitored_stack
from tests.staff_accounts import A_PAGE, COORDINATOR, FROM_OUR_PAGE, OPERATOR, PASSWORD

CANARY = "Kanariefugl"
LIMIT = 1_000
MEGABYTES_MAX = 150
SEEDS = count(1)
DEADLINE_SECONDS = 90
STOP_SECONDS_MAX = 4


@pytest.fixture(scope="module")
def monitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    """One for most of the tests: each tells a story of its own, and looks for its own reference."""
    with monitored_stack(tmp_path_factory.mktemp("monitor")) as process:
        yield process


@pytest.fixture
def own_monitor(tmp_path: Path) -> Iterator[MonitorProcess]:
    """One that has seen nothing yet, and whose servers may be stopped."""
    with monitored_stack(tmp_path) as process:
        yield process


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s: {what}"
        time.sleep(0.05)


def events(monitor: MonitorProcess, **asked: Any) -> list[dict[str, Any]]:
    with monitor.client() as client:
        answer = client.get("/api/v1/events", params={"limit": LIMIT} | asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["events"]
        return found


def lag_of(monitor: MonitorProcess, group: str) -> dict[str, Any]:
    with monitor.client() as client:
        groups: list[dict[str, Any]] = client.get("/api/v1/lag").json()["groups"]
        return next(row for row in groups if row["group"] == group)


def story() -> tuple[list[Told], str]:
    teller = Story(next(SEEDS))
    reference = teller.reference()
    return list(teller.booked(application_id=teller.id(), reference=reference)), reference


def junk() -> list[RawRecord]:
    """One of each kind of record that no service would write."""
    good = tuple(to_headers(envelope_of(CourseBooked)))
    canary = CANARY.encode()
    return [
        RawRecord(value=canary),
        RawRecord(value=None, headers=good),
        RawRecord(value=b'{"course": {"name": "%s"}}' % canary, headers=good),
        RawRecord(key=None, value=b"x", headers=(("ce_type", None), ("ce_id", b"\xff\xfe"))),
        RawRecord(key=b"\xff" + canary, value=b"[" * 50_000, headers=good),
        RawRecord(topic="forloeb.messages", headers=good),
        RawRecord(topic="forloeb.dead-letters", value=canary, headers=(("x-dlq-reason", canary + b" Hansen"),)),
        RawRecord(topic="forloeb.consultants", headers=tuple(to_headers(envelope_of(CourseBooked, type=CANARY)))),
        RawRecord(value=b"x" * 900_000, headers=good),
    ]


def test_every_record_of_every_topic_is_kept_once_and_no_person_with_it(monitor: MonitorProcess) -> None:
    """Events, junk and dead letters, over a restart in the middle; nothing sealed or unknown is shown or stored."""
    told, reference = story()
    monitor.tell(told[:5])
    written = asyncio.run(produce(monitor.embedded.kafka, junk()))
    places = {f"{topic}/{partition}/{offset}" for topic, partition, offset in written}

    def ours() -> list[dict[str, Any]]:
        return [row for row in events(monitor) if row["reference"] == reference or row["id"] in places]

    wait_for(lambda: len(ours()) == 5 + len(places), "all kept")
    monitor.stop()
    assert CANARY not in monitor.log()
    monitor.tell(told[5:])
    monitor.start()
    wait_for(lambda: len(ours()) >= len(told) + len(places), "all kept after a restart")
    kept = ours()
    assert len({row["id"] for row in kept}) == len(kept) == len(told) + len(places)
    assert [row["number"] for row in kept] == sorted(row["number"] for row in kept)
    with monitor.client() as client:
        shown = [client.get(f"/api/v1/events/{row['id']}").text for row in kept]
    with MongoClient[dict[str, Any]](monitor.embedded.mongodb) as database:
        stored = str(list(database["monitor"]["events"].find()))
    for text in (*shown, stored, json.dumps(kept), monitor.log()):
        assert CANARY.lower() not in text.lower()
        assert "nonce" not in text
    assert '"sealed":"person:' in "".join(shown)


def test_a_kill_loses_nothing(monitor: MonitorProcess) -> None:
    """What was not committed is read again, and kept once."""
    told, reference = story()
    monitor.tell(told[:6])
    wait_for(lambda: events(monitor, reference=reference), "something kept")
    monitor.kill()
    monitor.tell(told[6:])
    monitor.start()
    wait_for(lambda: len(events(monitor, reference=reference)) >= len(told), "all kept")
    assert len(events(monitor, reference=reference)) == len(told)


def test_events_are_found_by_topic_and_by_reference(monitor: MonitorProcess) -> None:
    """The mails of an application are found by its reference too, although they hold only its id."""
    (one, reference), (other, other_reference) = story(), story()
    monitor.tell([*one, *other])
    wait_for(lambda: len(events(monitor, reference=other_reference)) == len(other), "all kept")
    assert len(events(monitor, reference=f" {reference.lower()} ")) == len(one)
    mails = events(monitor, reference=reference, topic="forloeb.messages")
    assert {row["reference"] for row in mails} == {reference}
    assert len(mails) == len([told for told in one if told.topic == "forloeb.messages"])
    assert events(monitor, reference="SPARK-0000-0000") == []
    first, *rest = events(monitor, reference=reference)
    assert events(monitor, reference=reference, after=first["number"], limit=3) == rest[:3]
    with monitor.client() as client:
        assert client.get("/api/v1/events", params={"topic": "forloeb.unknown"}).status_code == 422
        assert client.get("/api/v1/events/forloeb.courses/0/99999").status_code == 404


def test_lag_is_told_in_records_and_as_time(own_monitor: MonitorProcess) -> None:
    """Of a group that has read half of it; the age is that of the oldest record that it has not finished."""
    monitor = own_monitor
    told, _ = story()
    monitor.tell(told)
    wait_for(lambda: len(events(monitor)) == len(told), "all kept")
    unread = {"forloeb.applications": 2, "forloeb.courses": 1}

    def of_notifier() -> dict[str, int]:
        return {row["topic"]: row["records"] for row in lag_of(monitor, "notifier")["topics"]}

    wait_for(lambda: of_notifier() == unread, "a group that never came is behind by everything")

    (first, second) = events(monitor, topic="forloeb.applications")
    asyncio.run(commit(monitor.embedded.kafka, "scheduler", first))
    wait_for(lambda: lag_of(monitor, "scheduler")["records"] == 1, "one record behind")
    before = time.time() - second["timestamp"] / 1000
    oldest = lag_of(monitor, "scheduler")["oldest_seconds"]
    after = time.time() - second["timestamp"] / 1000
    assert before - 2.5 <= oldest <= after + 0.1, "told at most two seconds late"

    # What is no longer in the monitor's own database is read from the broker.
    with MongoClient[dict[str, Any]](monitor.embedded.mongodb) as database:
        database["monitor"]["events"].delete_many({})
    wait_for(lambda: lag_of(monitor, "scheduler")["oldest_seconds"] > oldest, "told without the kept event")

    asyncio.run(commit(monitor.embedded.kafka, "scheduler", second))
    wait_for(lambda: lag_of(monitor, "scheduler")["records"] == 0, "nothing waits")
    assert lag_of(monitor, "scheduler")["oldest_seconds"] is None
    wait_for(lambda: lag_of(monitor, "monitor")["records"] == 0, "the monitor itself has read all")
    with monitor.client() as client:
        gauges = client.get("/metrics").text
    assert 'forloeb_lag_records{group="notifier",topic="forloeb.applications"} 2.0' in gauges
    assert 'forloeb_lag_seconds{group="scheduler",topic="forloeb.applications"} 0.0' in gauges


async def commit(address: str, group: str, row: dict[str, Any]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=group, enable_auto_commit=False)
    await consumer.start()
    partition = TopicPartition(row["topic"], row["partition"])
    consumer.assign([partition])
    await consumer.commit({partition: row["offset"] + 1})
    await consumer.stop()


def read_stream(monitor: MonitorProcess, count: int, *, last_event_id: str = "", **asked: Any) -> list[Any]:
    """The next `count` records of the live stream."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    found = []
    with monitor.client() as client, client.stream("GET", "/api/v1/stream", params=asked, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for message in httpx2.EventSource(answer):
            if message.event == "seen":
                found.append((message.id, json.loads(message.data)))
                if len(found) == count:
                    break
    return found


def test_the_stream_goes_on_where_it_was_left(monitor: MonitorProcess) -> None:
    """Last-Event-ID brings what came meanwhile, once and in order; then what comes; filtered as asked."""
    told, reference = story()
    monitor.tell(told)
    wait_for(lambda: len(events(monitor, reference=reference)) == len(told), "all kept")
    rows = events(monitor, reference=reference)
    first = read_stream(monitor, 3, after=0, reference=reference)
    assert [row["id"] for _, row in first] == [row["id"] for row in rows[:3]]
    rest = read_stream(monitor, len(rows) - 3, last_event_id=first[-1][0], after=0, reference=reference)
    assert [row["id"] for _, row in first + rest] == [row["id"] for row in rows]
    mails = read_stream(monitor, 2, after=0, topic="forloeb.messages", reference=reference)
    assert {row["topic"] for _, row in mails} == {"forloeb.messages"}


def test_the_commands_print_what_the_monitor_knows(monitor: MonitorProcess, capsys: pytest.CaptureFixture[str]) -> None:
    """Events and lag, for people and for programs; a refusal or silence is a sentence and an exit code."""
    told, reference = story()
    monitor.tell(told)
    wait_for(lambda: len(events(monitor, reference=reference)) == len(told), "all kept")
    with Monitor(monitor.address, staff_token=TOKEN) as api:
        assert print_events(api, as_json=True, reference=reference, limit=3) == 0
        lines = capsys.readouterr().out.splitlines()
        rows = events(monitor, reference=reference)[-3:]
        assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]
        assert print_events(api, topic="courses", reference=reference) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.split()[1:4] == ["courses", "CourseBooked", reference]
        assert print_lag(api) == 0
        assert re.search(r"^notifier +courses +\d+  \d+ (s|min)", capsys.readouterr().out, re.MULTILINE)
        assert print_events(api, topic="nonsense") == 2
    with (
        Monitor(monitor.address, staff_token="wrong") as refused,
        Monitor("http://127.0.0.1:1", staff_token="") as away,
    ):
        assert print_events(refused) == print_lag(refused) == 1
        assert print_events(away) == print_lag(away) == 1
    assert len(capsys.readouterr().err.splitlines()) == 5


def test_following_goes_on_while_the_monitor_is_started_again(monitor: MonitorProcess) -> None:
    """`forloeb events --follow` prints each event once, in order, until Ctrl-C."""
    told, reference = story()
    monitor.tell(told[:1])
    wait_for(lambda: events(monitor, reference=reference), "the first kept")
    command = (sys.executable, "-m", "services.cli", "events", "--follow", "--json", "--reference", reference)
    environment = os.environ | {
        "FORLOEB_MONITOR_URL": monitor.address,
        "FORLOEB_STAFF_TOKEN": TOKEN,
        "FORLOEB_KAFKA": monitor.embedded.kafka,
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        printed = [json.loads(following.stdout.readline())["id"]]
        monitor.tell(told[1:5])
        printed += [json.loads(following.stdout.readline())["id"] for _ in told[1:5]]
        monitor.stop()
        monitor.tell(told[5:])
        monitor.start()
        printed += [json.loads(following.stdout.readline())["id"] for _ in told[5:]]
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=DEADLINE_SECONDS) == 0
    assert printed == [row["id"] for row in events(monitor, reference=reference)]


def test_the_page_and_the_api_are_for_operators(monitor: MonitorProcess) -> None:
    """Strangers are led to the log-in, programs told 401, coordinators 403; whoever logs out while the page is open is gone."""
    paths = ("/", "/api/v1/events", "/api/v1/stream", "/api/v1/lag", "/api/v1/services", "/metrics")
    with httpx2.Client(base_url=monitor.address, timeout=10) as stranger:
        for path in paths:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"forloeb_staff={TOKEN}"}):
                assert stranger.get(path, headers=headers).status_code == 401, path
        led = stranger.get("/?topic=forloeb.courses", headers=A_PAGE)
        assert (led.status_code, led.headers["location"]) == (303, "/staff/login?next=/%3Ftopic%3Dforloeb.courses")
        assert not stranger.cookies
    for name, status in ((COORDINATOR, 403), (OPERATOR, 200)):
        with httpx2.Client(base_url=monitor.address, timeout=10) as staff:
            staff.post("/staff/login", data={"account": name, "password": PASSWORD}, headers=FROM_OUR_PAGE)
            assert [staff.get(path).status_code for path in ("/", "/api/v1/services")] == [status, status]
            assert staff.get("/metrics").status_code == 401
            assert staff.post("/staff/logout", headers=FROM_OUR_PAGE).headers["location"] == "/staff/login?left"
            assert staff.get("/").status_code == 401
    assert TOKEN not in monitor.log()


def test_it_outlives_its_database_and_its_broker(own_monitor: MonitorProcess) -> None:
    """While one of them is away it is not ready but alive; what came meanwhile is there after."""
    monitor = own_monitor
    told, _ = story()
    monitor.tell(told[:2])
    wait_for(lambda: len(events(monitor)) == 2, "the first kept")
    processes.kill(monitor.embedded.program("mongodb"))
    with monitor.client() as client:
        assert client.get("/api/v1/events").status_code == 503
        wait_for(lambda: client.get("/readyz").status_code == 503, "not ready without the database")
        assert client.get("/livez").status_code == 200
        monitor.tell(told[2:6])
        monitor.embedded.bring_up()
        wait_for(lambda: client.get("/readyz").status_code == 200, "ready again")
    wait_for(lambda: len(events(monitor)) == 6, "what came meanwhile")
    # Let the broker end in order: this one forgets when it is killed.
    processes.stop([monitor.embedded.program("kafka")], patience_seconds=DEADLINE_SECONDS)
    with monitor.client() as client:
        wait_for(lambda: client.get("/readyz").status_code == 503, "not ready without the broker")
        assert len(client.get("/api/v1/events").json()["events"]) == 6
    monitor.embedded.bring_up()
    monitor.tell(told[6:])
    wait_for(lambda: len(events(monitor)) == len(told), "all kept")


def test_it_stays_small_under_many_events(monitor: MonitorProcess) -> None:
    """Thousands of events, and an open stream."""
    teller = Story(next(SEEDS))
    told: list[Told] = []
    for _ in range(250):
        told += teller.booked(application_id=teller.id(), reference=teller.reference())
    last = told[-1].key
    with monitor.client() as client, client.stream("GET", "/api/v1/stream"):
        monitor.tell(told)
        with MongoClient[dict[str, Any]](monitor.embedded.mongodb) as database:
            kept = database["monitor"]["events"]
            wait_for(lambda: kept.count_documents({"application_id": last}) == len(told) // 250, "the last ones kept")
        assert monitor.resident_megabytes() < MEGABYTES_MAX


def test_it_stops_at_once_although_somebody_watches(monitor: MonitorProcess) -> None:
    """An open live page does not hold the process up."""
    with monitor.client() as client, client.stream("GET", "/api/v1/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith(":")
        began = time.monotonic()
        monitor.stop()
        assert time.monotonic() - began < STOP_SECONDS_MAX
        assert "exceeded" not in monitor.log()
    monitor.start()
