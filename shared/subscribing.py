"""What FastStream is told about our subscribers: take each record as it is, acknowledge nothing, and how to reach the brokers."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.security import BaseSecurity, SASLScram512

from shared.kafka import KafkaAddress
from shared.reading import PatientConsumer

SESSION_TIMEOUT_MS = 20_000
REBALANCE_TIMEOUT_MS = 60_000
# A record may be held for hours while a dependency is down; heartbeats keep the membership, the watchdog finds a hung process.
POLL_INTERVAL_MS_MAX = 24 * 3600 * 1000
# What is read ahead stands in memory: so much of one partition, and so much of all that come in one answer.
FETCH_PARTITION_BYTES_MAX = 1024 * 1024
FETCH_BYTES_MAX = 8 * 1024 * 1024
# Topics that are created after the start, or get more partitions, are found so soon.
METADATA_AGE_MS_MAX = 30_000

OnRecord = Callable[[Any], Awaitable[None]]


def subscribe(
    address: KafkaAddress,
    *,
    topics: Sequence[str],
    group: str,
    on_record: OnRecord,
    on_revoked: Callable[[set[TopicPartition]], Awaitable[None]],
    on_assigned: Callable[[set[TopicPartition]], None],
    drain_seconds: float,
) -> tuple[KafkaBroker, Any]:
    """A FastStream broker with one subscriber, not yet started. `on_record` gets aiokafka's records, one after the other."""
    broker = KafkaBroker(
        **_connection(address),
        client_id=group,
        graceful_timeout=drain_seconds,
        metadata_max_age_ms=METADATA_AGE_MS_MAX,
        consumer_only=True,
        logger=None,
        apply_types=False,
    )
    subscriber: Any = broker.subscriber(
        *topics,
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_TIMEOUT_MS,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_poll_interval_ms=POLL_INTERVAL_MS_MAX,
        max_partition_fetch_bytes=FETCH_PARTITION_BYTES_MAX,
        fetch_max_bytes=FETCH_BYTES_MAX,
        listener=_Listener(on_revoked, on_assigned),
        parser=_parse,
        decoder=_decode,
        no_reply=True,
    )
    subscriber(on_record)
    return broker, subscriber


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(
        self,
        on_revoked: Callable[[set[TopicPartition]], Awaitable[None]],
        on_assigned: Callable[[set[TopicPartition]], None],
    ) -> None:
        self._on_revoked = on_revoked
        self._on_assigned = on_assigned

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._on_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._on_assigned(assigned)


async def start(broker: KafkaBroker) -> None:
    """Connect and begin to read. Raises KafkaError or OSError where no broker answers; `broker.stop()` and try again."""
    await broker.connect()
    config: Any = broker.config.broker_config
    config.builder = partial(PatientConsumer, **config.builder.keywords)
    await broker.start()


async def _parse(record: Any) -> KafkaMessage:
    """Take the record as it is: the library's own parser raises on a header without text, and the record would be skipped."""
    name = f"{record.topic}-{record.partition}-{record.offset}"
    return KafkaMessage(
        body=b"", headers={}, message_id=name, correlation_id=name, raw_message=record, consumer=FAKE_CONSUMER
    )


async def _decode(message: KafkaMessage) -> Any:
    return message.raw_message


def _connection(address: KafkaAddress) -> dict[str, Any]:
    """FastStream takes TLS and SASL as one security object instead of aiokafka's arguments."""
    arguments = address.arguments()
    tls = arguments["ssl_context"]
    security: BaseSecurity | None = None
    if address.user:
        security = SASLScram512(
            username=address.user, password=address.password or "", ssl_context=tls, use_ssl=bool(tls)
        )
    elif tls:
        security = BaseSecurity(ssl_context=tls, use_ssl=True)
    return {
        "bootstrap_servers": arguments["bootstrap_servers"],
        "security": security,
        "allow_auto_create_topics": False,
    }
