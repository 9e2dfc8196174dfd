"""Processes that are killed: nothing is lost, and what is repeated is the same."""

import signal
from pathlib import Path

import pytest

from deploy.kafka.cluster import ApacheKafka
from deploy.local import processes
from deploy.local.processes import Running
from shared import crash
from tests.embedded import Embedded
from tests.kafka_tools import dead_letters, produce
from tests.polling import until
from tests.reliability.small_runs import Run, begin

pytestmark = [pytest.mark.anyio, pytest.mark.needs("kafka"), pytest.mark.timeout(480)]


async def crashed(running: Running) -> bool:
    return not running.alive


@pytest.mark.parametrize("point", [crash.AFTER_WRITE_BEFORE_PUBLISH, crash.AFTER_PUBLISH_BEFORE_CLEAR])
async def test_a_process_killed_at_a_crash_point_loses_nothing(
    point: str, apache_kafka: ApacheKafka, stack: Embedded, tmp_path: Path, runs: list[Run]
) -> None:
    """After the restart every event is published, and one that goes a second time has the same id."""
    run = await begin(runs, apache_kafka.bootstrap_servers, stack.mongodb, tmp_path)
    await produce(run.kafka, run.applications(0, 5))
    for _ in range(2):
        running = run.start(crash_at=point)
        await until(lambda running=running: crashed(running), what=f"the process dies {point}")  # type: ignore[misc]
    run.start()
    await until(lambda: run.is_done(5), what="all is published", seconds=60, look_seconds=0.5)
    published = await run.published()
    assert all(len(set(ids)) == 1 for ids in published.values()), "a repeat is the same event"
    if point == crash.AFTER_PUBLISH_BEFORE_CLEAR:
        assert any(len(ids) > 1 for ids in published.values()), "what was not cleared went again"
    assert await dead_letters(run.kafka, run.name) == {}


async def test_processes_killed_at_any_time_lose_nothing(
    apache_kafka: ApacheKafka, stack: Embedded, tmp_path: Path, runs: list[Run]
) -> None:
    """Two members of one group under load, each killed and started again several times."""
    run = await begin(runs, apache_kafka.bootstrap_servers, stack.mongodb, tmp_path)
    alive = [run.start(), run.start()]
    for turn in range(4):
        await produce(run.kafka, run.applications(turn * 150, 150))
        await until(
            lambda turn=turn: _some_published(run, turn * 150), what="work goes on", seconds=90, look_seconds=0.3
        )  # type: ignore[misc]
        processes.kill(alive[turn % 2])
        alive[turn % 2] = run.start()
    await until(lambda: run.is_done(600), what="all is published", seconds=180, look_seconds=0.5)
    published = await run.published()
    assert set(published) == {f"{run.name}-{number}" for number in range(600)}
    assert all(len(set(ids)) == 1 for ids in published.values())
    assert await dead_letters(run.kafka, run.name) == {}


async def _some_published(run: Run, more_than: int) -> bool:
    return len(await run.published()) > more_than


async def test_a_stop_by_signal_commits_and_exits_well(
    apache_kafka: ApacheKafka, stack: Embedded, tmp_path: Path, runs: list[Run]
) -> None:
    """SIGTERM: the record in hand is finished, its offset committed, the exit is quick."""
    run = await begin(runs, apache_kafka.bootstrap_servers, stack.mongodb, tmp_path)
    running = run.start()
    await produce(run.kafka, run.applications(0, 50))
    await until(lambda: _some_published(run, 0), what="work goes on", look_seconds=0.1)
    processes.send(running, signal.SIGTERM)
    await until(lambda: crashed(running), what="the process has ended", seconds=30)
    assert "stopped" in running.log_tail()
    run.start()
    await until(lambda: run.is_done(50), what="all is published", seconds=60, look_seconds=0.5)
    assert all(len(set(ids)) == 1 for ids in (await run.published()).values())
