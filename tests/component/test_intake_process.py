"""The intake process as a whole: it starts without Kafka, follows the courses, stops in order, and stays small."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from deploy.local import processes
from shared.envelope import Envelope, to_headers
from shared.events import COURSES, CourseBooked
from shared.kafka import KafkaAddress, Publisher, create_topics
from tests.embedded import Embedded
from tests.event_samples import SAMPLES, envelope_of
from tests.intake_house import APPLY, TRUSTED, new_application, settings_for
from tests.intake_process import STOP_SECONDS, intake_process
from tests.polling import until

MEMORY_BYTES_MAX = 150 * 1024 * 1024


async def test_it_starts_without_kafka_and_follows_the_courses_when_it_is_there(
    own_stack: Embedded, tmp_path: Path
) -> None:
    """Applications are taken at once; readiness says what is missing; a course event then shows on the status."""
    address = KafkaAddress(bootstrap_servers=own_stack.kafka)
    await create_topics(address)
    processes.kill(own_stack.program("kafka"))
    settings = settings_for(mongodb=own_stack.mongodb, kafka=own_stack.kafka)
    with intake_process(tmp_path, settings, path="/livez") as intake:
        async with httpx2.AsyncClient(base_url=intake.url) as http:
            await until(lambda: _taken(http), what="an application is taken")
            answer = (await http.post(APPLY, json=new_application(), headers=TRUSTED)).json()
            assert (await http.get("/readyz")).status_code == 503
            await asyncio.to_thread(own_stack.bring_up)
            await create_topics(address)
            await until(lambda: _ready(http), what="ready", seconds=60)
            await _publish_course(address, answer["application_id"])
            await until(lambda: _planned(http, answer["status_url"]), what="the course is seen")
            assert intake.resident_bytes() < MEMORY_BYTES_MAX
        processes.send(intake.running, signal.SIGTERM)
        await until(lambda: not intake.running.alive, what="stopped", seconds=STOP_SECONDS)
    log = (tmp_path / "intake.log").read_text()
    assert "stopped" in log
    assert not [word for word in ("Anne", "kommune.example", "samarbejde", answer["page_url"]) if word in log]


async def _taken(http: httpx2.AsyncClient) -> bool:
    return (await http.post(APPLY, json=new_application())).status_code == 202


async def _ready(http: httpx2.AsyncClient) -> bool:
    return (await http.get("/readyz")).status_code == 200


async def _planned(http: httpx2.AsyncClient, url: str) -> bool:
    status: dict[str, Any] = (await http.get(url)).json()
    return status["state"] in ("planned", "in_progress") and bool(status["meetings"])


async def _publish_course(address: KafkaAddress, application_id: str) -> None:
    sample = SAMPLES[CourseBooked]
    assert isinstance(sample, CourseBooked)
    event = sample.model_copy(update={"course": sample.course.model_copy(update={"application_id": application_id})})
    envelope: Envelope = envelope_of(CourseBooked, subject=application_id, sequence=1)
    publisher = Publisher(address, client_id="test")
    await publisher.send(
        topic=COURSES,
        key=application_id.encode(),
        value=event.model_dump_json().encode(),
        headers=to_headers(envelope),
    )
    await publisher.stop()


def test_wrong_settings_are_told_all_at_once() -> None:
    """Exit code 2, one line for each, and no secret among them."""
    settings = settings_for(
        mongodb="mongodb://127.0.0.1:1", FORLOEB_INTAKE_CLIENT_LIMIT="many", FORLOEB_INTAKE_PROT="1"
    )
    done = _run(settings)
    assert done.returncode == 2
    assert "FORLOEB_INTAKE_CLIENT_LIMIT" in done.stderr
    assert "did you mean FORLOEB_INTAKE_PORT?" in done.stderr
    assert settings["FORLOEB_MASTER_KEY"] not in done.stderr


def test_a_wrong_programme_is_told_as_well(tmp_path: Path) -> None:
    """The file is named, and there is no traceback."""
    missing = str(tmp_path / "missing.toml")
    settings = settings_for(mongodb="mongodb://127.0.0.1:1", FORLOEB_PROGRAMME=missing)
    done = _run(settings)
    assert done.returncode == 2
    assert missing in done.stderr
    assert "Traceback" not in done.stderr


def _run(settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "run", "intake"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
