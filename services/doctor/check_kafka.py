"""Checks Kafka: whether the brokers answer, and whether every topic is there with the partitions and copies that were asked for."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.doctor.finding import Finding, ok, wrong
from shared.kafka import TOPICS, KafkaAddress
from shared.settings import CommonSettings

REQUEST_TIMEOUT_MS = 5_000
WHAT = "kafka"


async def check_kafka(settings: CommonSettings) -> list[Finding]:
    """Asks for the metadata of the cluster and of our topics."""
    address = KafkaAddress.of(settings)
    try:
        admin = AIOKafkaAdminClient(**address.arguments(), request_timeout_ms=REQUEST_TIMEOUT_MS)
    except OSError as error:
        advice = "FORLOEB_KAFKA_CA_FILE must name a readable PEM file."
        return [wrong(WHAT, f"the CA certificates cannot be read ({error.strerror})", advice)]
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        existing = set(await admin.list_topics())
        described = await admin.describe_topics([name for name in TOPICS if name in existing]) if existing else []
    except (KafkaError, OSError) as error:
        text = f"no answer from {settings.kafka} ({type(error).__name__})"
        return [
            wrong(WHAT, text, "Are the brokers running? Check FORLOEB_KAFKA, and TLS and user where they ask for them.")
        ]
    finally:
        await admin.close()
    brokers = len(cluster["brokers"])
    return [
        ok(WHAT, f"{brokers} broker{'s' if brokers > 1 else ''} at {settings.kafka}"),
        *_topics(described, settings),
    ]


def _topics(described: list[dict[str, Any]], settings: CommonSettings) -> list[Finding]:
    partitions = {topic["topic"]: topic["partitions"] for topic in described}
    missing = [name for name in TOPICS if name not in partitions]
    findings = []
    if missing:
        findings.append(wrong("topics", f"missing: {', '.join(missing)}", "Run `forloeb topics create`."))
    few = [name for name, found in partitions.items() if len(found) < settings.kafka_partitions]
    if few:
        text = f"fewer than {settings.kafka_partitions} partitions: {', '.join(few)}"
        findings.append(wrong("topics", text, "Add partitions, or set FORLOEB_KAFKA_PARTITIONS to what there is."))
    leaderless = [name for name, found in partitions.items() if any(one["leader"] < 0 for one in found)]
    if leaderless:
        findings.append(wrong("topics", f"a partition has no leader: {', '.join(leaderless)}", "Is a broker down?"))
    thin = [
        name
        for name, found in partitions.items()
        if any(len(one["replicas"]) < settings.kafka_replication for one in found)
    ]
    if thin:
        text = f"fewer than {settings.kafka_replication} copies: {', '.join(thin)}"
        findings.append(wrong("topics", text, "Add copies, or set FORLOEB_KAFKA_REPLICATION to what there is."))
    return findings or [ok("topics", f"all {len(TOPICS)} are there")]
