"""A running Apache Kafka that can be killed and started again on the same ports, for the tests of the delivery promises."""

import asyncio
from pathlib import Path

from deploy.kafka.broker import Broker, broker_command, prepare
from deploy.local import probes, processes
from deploy.local.leash import Leash
from deploy.local.ports import free_ports
from deploy.local.processes import Running

START_SECONDS = 120
STOP_SECONDS = 30


class ApacheKafka:
    """Nodes are numbered from 1. Ends with the process that made it, whatever becomes of that. Nothing runs before `start`."""

    def __init__(self, folder: Path, *, nodes: int = 1, advertised_ports: dict[int, int] | None = None) -> None:
        ports = free_ports(2 * nodes)
        self._folder = folder
        self.brokers = {
            node: Broker(
                node=node,
                folder=folder,
                port=ports[2 * node - 2],
                controller_port=ports[2 * node - 1],
                advertised_port=(advertised_ports or {}).get(node),
            )
            for node in range(1, nodes + 1)
        }
        self._running: dict[int, Running] = {}
        self._leash = Leash()

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(broker.address for broker in self.brokers.values())

    def start(self, node: int | None = None) -> None:
        """Start one node, or all; returns when each of them answers.

        Not from a running event loop: use `asyncio.to_thread`.

        Raises:
            KafkaUnavailableError: Java, Maven or the jars are missing.
            NotReadyError: it ended, or did not answer; with the end of its log.

        """
        chosen = [self.brokers[node]] if node else list(self.brokers.values())
        prepare(list(self.brokers.values()))
        for broker in chosen:
            running = processes.spawn(
                f"kafka-{broker.node}", broker_command(broker), log=self._folder / f"node-{broker.node}.log"
            )
            self._leash.hold(running)
            self._running[broker.node] = running
        asyncio.run(self._ready(chosen))

    def kill(self, node: int = 1) -> None:
        """SIGKILL, as hard as a power cut of that node; its storage stays."""
        processes.kill(self._running.pop(node))

    def send(self, signal_number: int, node: int = 1) -> None:
        """E.g. SIGSTOP and SIGCONT: a node that hangs and comes back."""
        processes.send(self._running[node], signal_number)

    def stop(self) -> None:
        """End all nodes in good order. They can be started again."""
        processes.stop(list(self._running.values()), patience_seconds=STOP_SECONDS)
        self._running.clear()

    def close(self) -> None:
        """End all nodes quickly and for good: for when the folder is thrown away."""
        for running in self._running.values():
            processes.kill(running)
        self._running.clear()
        self._leash.let_go()

    async def _ready(self, brokers: list[Broker]) -> None:
        await asyncio.gather(
            *(
                probes.wait_until_ready(
                    self._running[broker.node], [("kafka", broker.address)], timeout_seconds=START_SECONDS
                )
                for broker in brokers
            )
        )
