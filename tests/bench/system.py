"""The servers and services that benchmarks measure: processes of their own, in a folder of their own, gone at the end."""

import asyncio
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from deploy.local import probes, processes
from deploy.local.home import PORT_NAMES, Home
from deploy.local.leash import Leash
from deploy.local.ports import free_ports
from deploy.local.processes import Running
from deploy.local.services import service_programs, service_settings
from deploy.local.stack import held_stack
from deploy.preparation import prepare_indexes, prepare_topics
from shared.settings import CommonSettings, load
from tests import needs

READY_SECONDS = 60
STOP_SECONDS = 20
# The limits that protect a public service from floods would stop the load generator.
WITHOUT_LIMITS = {
    "FORLOEB_INTAKE_CLIENT_LIMIT": "100000000/minute",
    "FORLOEB_INTAKE_TOTAL_LIMIT": "100000000/minute",
}


@dataclass
class System:
    """`settings` are those that every service here gets; `kafka` says what runs in its place."""

    home: Home
    kafka: str
    addresses: dict[str, str | None]
    settings: dict[str, str]
    leash: Leash
    programs: dict[str, Running] = field(default_factory=dict)

    @property
    def mongodb(self) -> str:
        return self.settings["FORLOEB_MONGODB"]

    @property
    def kafka_servers(self) -> str:
        return self.settings["FORLOEB_KAFKA"]

    def address(self, service: str) -> str:
        return self.addresses[service] or ""

    def start_services(self, names: Sequence[str]) -> None:
        """Start these services and return when they are ready."""
        programs = service_programs(self.addresses, self.settings)
        started = [
            (self.spawn(program.name, program.command, program.environment), program.asks)
            for program in programs
            if program.name in names
        ]
        asyncio.run(_ready(started))

    def start_helper(self, module: str, *arguments: str, address: str) -> Running:
        """A program of the benchmarks themselves; `address` is tcp://host:port that it listens on."""
        running = self.spawn(module.rpartition(".")[2], (sys.executable, "-m", module, *arguments), self.settings)
        asyncio.run(_ready([(running, (("tcp", address),))]))
        return running

    def spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Running:
        log = self.home.logs / f"{name}.log"
        running = processes.spawn(name, command, log=log, environment={**os.environ, **environment})
        self.leash.hold(running)
        self.programs[name] = running
        return running

    def import_roster(self, rows: bytes) -> int:
        """How many consultants were added."""
        request = urllib.request.Request(  # noqa: S310 - the address is the embedded stack's own
            f"{self.address('scheduler')}/api/v1/consultants/import",
            data=rows,
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.settings['FORLOEB_STAFF_TOKEN']}",
            },
        )
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:  # noqa: S310 - same
            return int(orjson.loads(answer.read())["added"])

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time that each program has taken so far; empty where the system does not tell."""
        servers = {program.running.name: program.running for program in self.home.programs()}
        found = {name: _cpu_seconds(running.pid) for name, running in (servers | self.programs).items()}
        return {name: seconds for name, seconds in found.items() if seconds is not None}


@contextmanager
def running_system(*, services: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Iterator[System]:
    """Empty servers with topics and indexes, and these services. Real Apache Kafka where the machine has what it needs."""
    kafka = "noida" if needs.missing("kafka") else "apache"
    with tempfile.TemporaryDirectory(prefix="forloeb-bench-") as folder:
        home = Home(Path(folder))
        with held_stack(home, say=lambda _: None, kafka=kafka, servers_only=True, patience_seconds=0):
            addresses = home.addresses() or {}
            ports = home.ports(in_use_by_us=set(PORT_NAMES))
            common = service_settings(addresses, ports, home.secrets()) | WITHOUT_LIMITS | dict(settings or {})
            system = System(home, kafka, addresses, common, Leash())
            try:
                asyncio.run(_prepare(common))
                system.start_services(services)
                yield system
            finally:
                processes.stop(list(system.programs.values())[::-1], patience_seconds=STOP_SECONDS)
                system.leash.let_go()


@dataclass(frozen=True)
class Sink:
    """The mail server of the benchmarks, seen from outside."""

    port: int
    log: Path
    kept: Path

    def count(self) -> int:
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def accepted(self) -> list[tuple[float, str]]:
        """When each mail was accepted (seconds since the epoch), and its Message-ID."""
        lines = self.log.read_text(encoding="ascii").splitlines() if self.log.exists() else []
        return [(float(at), name) for at, _, name in (line.partition(" ") for line in lines)]


@contextmanager
def system_with_sink(*, services: Sequence[str]) -> Iterator[tuple[System, Sink]]:
    """As `running_system`, with the services' mail going to a sink."""
    [port] = free_ports(1)
    with running_system(settings={"FORLOEB_SMTP": f"smtp://127.0.0.1:{port}"}) as system:
        sink = Sink(port, system.home.root / "mails.log", system.home.root / "mails")
        sink.kept.mkdir()
        system.start_helper(
            "tests.bench.smtp_sink", str(port), str(sink.log), str(sink.kept), address=f"tcp://127.0.0.1:{port}"
        )
        system.start_services(services)
        yield system, sink


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Look ten times a second. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.1)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def _prepare(settings: Mapping[str, str]) -> None:
    loaded = load(CommonSettings, {**os.environ, **settings})
    await prepare_topics(loaded)
    await prepare_indexes(loaded)


async def _ready(started: Sequence[tuple[Running, Any]]) -> None:
    for running, asks in started:
        if asks[0][0] == "tcp":
            await _listens(running, asks[0][1])
        else:
            await probes.wait_until_ready(running, asks, timeout_seconds=READY_SECONDS)


async def _listens(running: Running, address: str) -> None:
    host, _, port = address.removeprefix("tcp://").partition(":")
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            if not running.alive or time.monotonic() > deadline:
                raise probes.NotReadyError(f"{running.name} does not listen. {running.log_tail()}") from None
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


def _cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
