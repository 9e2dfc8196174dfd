"""The embedded servers do what the services ask of real ones, and the stack starts and stops what it should."""

import asyncio
import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.kafka.cluster import ApacheKafka
from deploy.local import processes
from deploy.local.home import Home
from deploy.local.stack import Stack
from tests.embedded import Embedded


def _silent(_line: str) -> None:
    return


def _until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


async def _kafka_round_trip(servers: str) -> None:
    topic = f"test.{uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 6, 1, topic_configs={"max.message.bytes": "4194304"})])
    described = (await admin.describe_topics([topic]))[0]
    assert len(described["partitions"]) == 6
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True, max_request_size=2**22)
    await producer.start()
    for number in range(60):
        await producer.send_and_wait(
            topic, b"%d" % number, key=b"key %d" % (number % 10), headers=[("null", None), ("raw", b"\xff")]
        )
    await producer.send_and_wait(topic, b"x" * 3_000_000, key=b"large")
    await producer.stop()
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=servers, group_id=topic, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    records = [await asyncio.wait_for(consumer.getone(), 20) for _ in range(61)]
    for key in {record.key for record in records}:
        own = [int(record.value) for record in records if record.key == key and key != b"large"]
        assert own == sorted(own), "one key keeps its order"
    small = [record for record in records if record.key != b"large"]
    assert all(record.headers == (("null", None), ("raw", b"\xff")) for record in small)
    first = TopicPartition(topic, records[0].partition)
    await consumer.commit({first: 1})
    assert await consumer.committed(first) == 1, "the offset that was named, not the position"
    await consumer.stop()
    groups = await admin.list_consumer_group_offsets(topic)
    assert groups[first].offset == 1
    await admin.close()


async def test_noida_keeps_order_headers_and_explicit_offsets(stack: Embedded) -> None:
    """Partitions, keys in order, null and raw headers, large records, and commits of explicit offsets work on noida-db."""
    await _kafka_round_trip(stack.kafka)


async def test_apache_kafka_keeps_order_headers_and_explicit_offsets(apache_kafka: ApacheKafka) -> None:
    """The same on the real one, so that the two can stand for each other."""
    await _kafka_round_trip(apache_kafka.bootstrap_servers)


async def test_apache_kafka_comes_back_on_its_port_with_its_records(own_apache_kafka: ApacheKafka) -> None:
    """What was acknowledged before a SIGKILL is read after the restart by the same address."""
    producer = AIOKafkaProducer(bootstrap_servers=own_apache_kafka.bootstrap_servers, acks="all")
    admin = AIOKafkaAdminClient(bootstrap_servers=own_apache_kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    await producer.start()
    await producer.send_and_wait("kept", b"before")
    await producer.stop()
    own_apache_kafka.kill()
    await asyncio.to_thread(own_apache_kafka.start)
    consumer = AIOKafkaConsumer(
        "kept", bootstrap_servers=own_apache_kafka.bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    record = await asyncio.wait_for(consumer.getone(), 20)
    await consumer.stop()
    assert record.value == b"before"


def test_each_recipient_of_the_envelope_finds_the_bytes_that_were_sent(stack: Embedded) -> None:
    """The mail server looks at RCPT, not at To: with a comma in the name, in any case of letters, and byte for byte."""
    person, other = f"Person-{uuid4().hex}@example.dk", f"other-{uuid4().hex}@example.dk"
    mail = EmailMessage()
    mail["To"] = f'"Ås, Bo" <{person}>'
    mail["Message-ID"] = "<one@example.dk>"
    mail.set_content("Kære Bo\n")
    sent = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    parts = urlsplit(stack.smtp)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0) as client:
        client.sendmail("sender@example.dk", [person], sent)
        client.sendmail("sender@example.dk", [other], sent)
    assert stack.raw_inbox(person) == [sent]
    assert stack.raw_inbox(other) == [sent]
    assert stack.inbox(f"nobody-{uuid4().hex}@example.dk") == []


def test_a_second_up_starts_only_what_has_died_on_the_same_port(own_stack: Embedded) -> None:
    """After the database was killed, `up` starts it alone again, where it was; a further one changes nothing."""
    before = own_stack.held.home.programs()
    processes.kill(own_stack.program("mongodb"))
    assert own_stack.held.status() == {"mongodb": "ended", "kafka": "up", "mail": "up"}
    own_stack.bring_up()
    after = own_stack.held.home.programs()
    assert {program.running.pid for program in before} & {program.running.pid for program in after} == {
        own_stack.program("kafka").pid,
        own_stack.program("mail").pid,
    }
    assert (own_stack.held.home.addresses() or {})["mongodb"] == own_stack.mongodb
    own_stack.bring_up()
    assert own_stack.held.home.programs() == after
    assert set(own_stack.held.status().values()) == {"up"}


def test_a_held_stack_ends_when_its_holder_is_killed(tmp_path: Path) -> None:
    """SIGKILL of `stack up --foreground` takes the servers with it; nothing is left for the next `up` to clean."""
    command = [
        sys.executable,
        "-m",
        "services.cli",
        "stack",
        "up",
        "--foreground",
        "--servers-only",
        "--home",
        str(tmp_path),
    ]
    home = Home(tmp_path)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as holder:
        try:
            _until(lambda: home.addresses() is not None)
            held = [program.running for program in home.programs()]
            assert len(held) == 3
            assert all(program.alive for program in held)
        finally:
            holder.kill()
    _until(lambda: not any(program.alive for program in held))


def test_a_held_stack_ends_in_order_when_its_holder_is_told_to(tmp_path: Path) -> None:
    """SIGTERM (and so Ctrl-C) stops the servers, and the record of them is gone."""
    command = [
        sys.executable,
        "-m",
        "services.cli",
        "stack",
        "up",
        "--foreground",
        "--servers-only",
        "--home",
        str(tmp_path),
    ]
    home = Home(tmp_path)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as holder:
        try:
            _until(lambda: home.addresses() is not None)
            held = [program.running for program in home.programs()]
            holder.send_signal(signal.SIGTERM)
            assert holder.wait(20) == 0
        finally:
            holder.kill()
    assert not any(program.alive for program in held)
    assert home.programs() == []


def test_down_never_ends_a_stranger_with_a_reused_number(tmp_path: Path) -> None:
    """A process number that belongs to another program by now is left alone: its start is not the one remembered."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            remembered = processes.Running(
                name="mongodb", pid=stranger.pid, started="another start", log=tmp_path / "log"
            )
            assert not remembered.alive
            processes.stop([remembered], patience_seconds=0)
            os.kill(stranger.pid, 0)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_program_that_ends_at_its_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    """Where the database's folder cannot be made, `up` says so and leaves nothing running."""
    home = Home(tmp_path)
    home.data.mkdir(parents=True)
    (home.data / "mongodb").write_text("a file where a folder should be", encoding="ascii")
    error = ""
    try:
        Stack(home, servers_only=True).up(_silent)
    except Exception as caught:  # noqa: BLE001 - its kind and text are looked at below
        error = f"{type(caught).__name__}: {caught}"
    finally:
        with contextlib.suppress(OSError):
            Stack(home).down(patience_seconds=0)
    assert error.startswith("NotReadyError: mongodb ended at its start. The end of")
    assert home.programs() == []
