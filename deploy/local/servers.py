"""The servers that the services need: a database, Kafka and a mail server, as programs of the embedded stack."""

import os
import sys
from importlib.resources import as_file, files
from pathlib import Path

from deploy.local.home import Home
from deploy.local.processes import PROJECT
from deploy.local.program import Program
from deploy.local.services import AUTHSERV_ID
from shared.programme import load_programme

MONGODB_CACHE = "256M"
# Of mailboxes that exist for looking into: no secret.
MAIL_PASSWORD = "forloeb"  # noqa: S105 - see above


# What KAFKA= may be: noida-db of PyPI, for demonstrations, or the real one with so many nodes, which needs Java and Maven.
KAFKA_KINDS = {"noida": 1, "apache": 1, "apache3": 3}


def server_programs(home: Home, ports: dict[str, int], *, kafka: str) -> list[Program]:
    """The servers on these ports; `kafka` is one of KAFKA_KINDS."""
    return [
        _mongodb(home, ports["mongodb"]),
        *([_noida(home, ports["kafka"])] if kafka == "noida" else _apache_kafka(home, ports, KAFKA_KINDS[kafka])),
        _mail(ports),
    ]


def server_addresses(ports: dict[str, int], *, kafka: str) -> dict[str, str | None]:
    """Where the servers are reached, by the names of `addresses.json`."""
    return {
        "mail_web": f"http://127.0.0.1:{ports['mail_web']}",
        "smtp": f"smtp://127.0.0.1:{ports['smtp']}",
        "imap": f"imap://127.0.0.1:{ports['imap']}",
        "kafka": ",".join(f"127.0.0.1:{ports[_node('kafka', node)]}" for node in range(1, KAFKA_KINDS[kafka] + 1)),
        "mongodb": f"mongodb://127.0.0.1:{ports['mongodb']}/?directConnection=true",
    }


def _node(name: str, node: int) -> str:
    return name if node == 1 else f"{name}_{node}"


def _mongodb(home: Home, port: int) -> Program:
    command = (
        str(Path(sys.executable).with_name("secantusd-py")),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--storage-path", str(home.data / "mongodb")),
        "--sync-on-commit",
        *("--cache-size", MONGODB_CACHE),
        *("--log-level", "WARNING"),
    )
    return Program(
        name="mongodb", command=command, asks=(("mongodb", f"mongodb://127.0.0.1:{port}/?directConnection=true"),)
    )


def _noida(home: Home, port: int) -> Program:
    # Its console script is a launcher that leaves the server behind when it is ended: start the server itself.
    with as_file(files("noida_db").joinpath("noida-db")) as binary:
        if not binary.stat().st_mode & 0o100:
            binary.chmod(0o755)
        command = (
            str(binary),
            *("start", "--only", "kafka"),
            *("--kafka-port", str(port)),
            *("--data-dir", str(home.data / "noida")),
        )
    return Program(name="kafka", command=command, asks=(("kafka", f"127.0.0.1:{port}"),))


def _apache_kafka(home: Home, ports: dict[str, int], nodes: int) -> list[Program]:
    # Asked for only here: it looks for Java, and fetches the jars.
    from deploy.kafka.broker import Broker, broker_command, prepare  # noqa: PLC0415 - see above

    cluster = [
        Broker(
            node=node,
            folder=home.data / f"kafka-{nodes}",
            port=ports[_node("kafka", node)],
            controller_port=ports[_node("kafka_controller", node)],
        )
        for node in range(1, nodes + 1)
    ]
    return [
        Program(
            name=_node("kafka", broker.node),
            command=broker_command(broker),
            asks=(("kafka", broker.address),),
            prepare=lambda: prepare(cluster),
        )
        for broker in cluster
    ]


def _mail(ports: dict[str, int]) -> Program:
    programme = load_programme(Path(os.environ.get("FORLOEB_PROGRAMME") or PROJECT / "deploy/programme/spark.toml"))
    takes = programme.sender
    command = (
        *(sys.executable, "-m", "deploy.local.mail_server"),
        *("--smtp-port", str(ports["smtp"]), "--imap-port", str(ports["imap"]), "--http-port", str(ports["mail_web"])),
        *("--password", MAIL_PASSWORD),
        *("--relay-port", str(ports["lmtp"]), "--relay-domain", takes.domain),
        *("--relay-mailbox", takes.invite_mailbox, "--relay-mailbox", takes.bounce_mailbox),
        *("--authserv-id", AUTHSERV_ID),
    )
    asks = (
        ("smtp", f"smtp://127.0.0.1:{ports['smtp']}"),
        ("imap", f"imap://127.0.0.1:{ports['imap']}"),
        ("http", f"http://127.0.0.1:{ports['mail_web']}/"),
    )
    return Program(name="mail", command=command, asks=asks)
