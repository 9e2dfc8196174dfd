"""One node of Apache Kafka (KRaft: broker and controller in one process): its configuration, its storage, its command line."""

import base64
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka.jars import KafkaUnavailableError, jars, java

HEAP_MB = 512
# For a small machine: fewer threads and partitions than Kafka's own defaults start faster, and no waiting for the group's
# first members. Topics never come into being by themselves.
COMMON = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    # A killed node may come back only when the controller has given up its session: 9 s by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "offsets.topic.num.partitions": "10",
    "transaction.state.log.num.partitions": "10",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
}


@dataclass(frozen=True, kw_only=True)
class Broker:
    """`folder` belongs to the whole cluster; `advertised_port` is what clients are told, where a proxy stands in between."""

    node: int
    folder: Path
    port: int
    controller_port: int
    advertised_port: int | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def properties_file(self) -> Path:
        return self.folder / f"node-{self.node}.properties"


def prepare(cluster: Sequence[Broker]) -> None:
    """Write each node's configuration, and format the storage of those that have none yet.

    Raises:
        KafkaUnavailableError: Java, Maven or the jars are missing, or Kafka refused to format.

    """
    folder = cluster[0].folder
    folder.mkdir(parents=True, exist_ok=True)
    identity = folder / "cluster-id"
    if not identity.exists():
        identity.write_text(_cluster_id(), encoding="ascii")
    for broker in cluster:
        lines = [f"{name}={value}\n" for name, value in _properties(broker, cluster).items()]
        broker.properties_file.write_text("".join(lines), encoding="ascii")
        if not (_data(broker) / "meta.properties").exists():
            _format(broker, identity.read_text(encoding="ascii"))


def broker_command(broker: Broker) -> tuple[str, ...]:
    """Runs the node in the foreground, after `prepare`."""
    return (
        *_java(f"-Xmx{HEAP_MB}m", "-XX:+ExitOnOutOfMemoryError"),
        "kafka.Kafka",
        str(broker.properties_file),
    )


def _properties(broker: Broker, cluster: Sequence[Broker]) -> dict[str, str]:
    copies = len(cluster)
    in_sync = str(min(2, copies))
    return COMMON | {
        "node.id": str(broker.node),
        "controller.quorum.voters": ",".join(f"{each.node}@127.0.0.1:{each.controller_port}" for each in cluster),
        "listeners": f"PLAINTEXT://127.0.0.1:{broker.port},CONTROLLER://127.0.0.1:{broker.controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{broker.advertised_port or broker.port}",
        "log.dirs": str(_data(broker)),
        "default.replication.factor": str(copies),
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": in_sync,
    }


def _data(broker: Broker) -> Path:
    return broker.folder / f"node-{broker.node}"


def _format(broker: Broker, cluster_id: str) -> None:
    tool = (*_java(), "kafka.tools.StorageTool", "format")
    command = (*tool, "--cluster-id", cluster_id, "--config", str(broker.properties_file))
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - only our own paths
    if done.returncode:
        raise KafkaUnavailableError(
            f"Kafka could not format its storage: {(done.stderr or done.stdout).strip()[-500:]}"
        )


def _java(*options: str) -> tuple[str, ...]:
    log_level = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    # A node lives for minutes: code that is compiled quickly costs it half the processor time of code compiled well.
    return (java(), *options, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", log_level, "-cp", f"{jars()}/*")


def _cluster_id() -> str:
    # Kafka's form of an UUID; "A" first, since a leading hyphen would be read as an option.
    return "A" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode("ascii")[1:22]
