"""A monitor as a process of its own, on embedded servers of its own, with a story to tell it."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from deploy.local import probes, processes
from deploy.local.home import Home
from deploy.local.ports import free_ports
from deploy.local.processes import Running
from deploy.local.servers import MAIL_PASSWORD
from deploy.local.stack import held_stack
from shared.kafka import KafkaAddress, Publisher, create_topics
from tests.embedded import Embedded
from tests.event_story import Told
from tests.staff_accounts import write_staff_file

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f001122334"
START_SECONDS = 60


class MonitorProcess:
    """Start and stop it as often as needed; it always listens on the same port."""

    def __init__(self, embedded: Embedded, folder: Path, *, services: str = "") -> None:
        self.embedded = embedded
        (self._port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self._services = services
        self.running: Running | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORLOEB_")} | {
            "FORLOEB_KAFKA": self.embedded.kafka,
            "FORLOEB_MONGODB": self.embedded.mongodb,
            "FORLOEB_MASTER_KEY": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
            "FORLOEB_LINK_SECRET": TOKEN[::-1],
            "FORLOEB_STAFF_TOKEN": TOKEN,
            "FORLOEB_STAFF_FILE": str(write_staff_file(self._folder / "accounts")),
            "FORLOEB_MONITOR_PORT": str(self._port),
            "FORLOEB_MONITOR_URL": self.address,
            "FORLOEB_MONITOR_SERVICES": self._services or f"monitor={self.address}",
        }
        command = (sys.executable, "-m", "services.monitor.main")
        log = self._folder / "monitor.log"
        self.running = processes.spawn("monitor", command, log=log, environment=environment)
        asks = (("http", f"{self.address}/readyz"),)
        asyncio.run(probes.wait_until_ready(self.running, asks, timeout_seconds=START_SECONDS))

    def stop(self) -> None:
        if self.running:
            processes.stop([self.running], patience_seconds=START_SECONDS)
            self.running = None

    def kill(self) -> None:
        if self.running:
            processes.kill(self.running)
            self.running = None

    def log(self) -> str:
        """All that it wrote since its last start."""
        return (self._folder / "monitor.log").read_text(encoding="utf-8")

    def client(self) -> httpx2.Client:
        """Asks as staff do."""
        return httpx2.Client(base_url=self.address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)

    def resident_megabytes(self) -> float:
        """What the process takes of the memory now (Linux)."""
        pid = self.running.pid if self.running else 0
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024

    def tell(self, records: Iterable[Told], *, pause_seconds: float = 0) -> None:
        """Publish these, in order."""
        asyncio.run(publish(self.embedded.kafka, records, pause_seconds=pause_seconds))


async def publish(kafka: str, records: Iterable[Told], *, pause_seconds: float = 0) -> None:
    """Publish these, in order."""
    publisher = Publisher(KafkaAddress(bootstrap_servers=kafka), client_id="story")
    for told in records:
        await publisher.send(topic=told.topic, key=told.key.encode(), value=told.value, headers=told.headers)
        await asyncio.sleep(pause_seconds)
    await publisher.stop()


@contextmanager
def monitored_stack(folder: Path, *, services: str = "") -> Iterator[MonitorProcess]:
    """Servers of their own with a monitor, up for as long as the block."""
    home = Home(folder / "stack")
    with held_stack(home, say=lambda _: None, servers_only=True, patience_seconds=0) as held:
        embedded = Embedded.of(held, password=MAIL_PASSWORD)
        asyncio.run(create_topics(KafkaAddress(bootstrap_servers=embedded.kafka)))
        process = MonitorProcess(embedded, folder, services=services)
        try:
            process.start()
            yield process
        finally:
            process.stop()
