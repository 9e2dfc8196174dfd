"""Connections to Kafka: where and how, the topics that must exist, and a producer that survives what breaks producers."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    TopicAlreadyExistsError,
    UnknownProducerId,
)

from shared.envelope import Headers
from shared.errors import DependencyDownError
from shared.events import APPLICATIONS, CONSULTANTS, COURSES, DEAD_LETTERS, MESSAGES

PARTITIONS = 6
RETENTION_MS = 400 * 24 * 3600 * 1000
REQUEST_BYTES_MAX = 4 * 1024 * 1024
REQUEST_TIMEOUT_MS = 30_000
SEND_PATIENCE_SECONDS = 30
STOP_SECONDS = 10
TOPICS = (APPLICATIONS, COURSES, CONSULTANTS, MESSAGES, DEAD_LETTERS)

# After these the broker refuses everything more of this producer, for ever: only a new one helps.
FATAL_FOR_PRODUCER = (OutOfOrderSequenceNumber, UnknownProducerId, ProducerFenced, InvalidProducerEpoch)


@dataclass(frozen=True, kw_only=True)
class KafkaAddress:
    """Where the brokers are; TLS where a CA file is given, SASL SCRAM-SHA-512 where a user is."""

    bootstrap_servers: str
    ca_file: str | None = None
    user: str | None = None
    password: str | None = None

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments that every aiokafka client takes."""
        tls = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        protocol = ("SASL_" if self.user else "") + ("SSL" if tls else "PLAINTEXT")
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": protocol,
            "ssl_context": tls,
        }
        if self.user:
            arguments |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return arguments


async def create_topics(address: KafkaAddress, *, partitions: int = PARTITIONS, replication: int = 1) -> list[str]:
    """Create the topics that do not exist yet, and return their names. Safe to repeat, and to run twice at once.

    Raises:
        DependencyDownError: no broker answers.

    """
    admin = AIOKafkaAdminClient(**address.arguments(), request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [name for name in TOPICS if name not in existing]
        for name in missing:
            await _create(admin, name, partitions=partitions, replication=replication)
    except KafkaError as error:
        raise DependencyDownError("kafka") from error
    finally:
        await admin.close()
    return missing


async def _create(admin: AIOKafkaAdminClient, name: str, *, partitions: int, replication: int) -> None:
    settings = {"retention.ms": str(RETENTION_MS), "min.insync.replicas": str(min(2, replication))}
    if name == DEAD_LETTERS:
        # A dead letter holds a whole record and says why; it must fit where the record did.
        settings["max.message.bytes"] = str(REQUEST_BYTES_MAX)
    topic = NewTopic(name=name, num_partitions=partitions, replication_factor=replication, topic_configs=settings)
    answer = await admin.create_topics([topic])
    for row in answer.topic_errors:
        if row[1] not in (0, TopicAlreadyExistsError.errno):
            raise KafkaError(f"topic {name} was not created: error {row[1]}")


class Publisher:
    """An idempotent producer (acks=all). A record counts as sent only when the broker has said so.

    While the brokers are away `send` waits, it never gives up a record that it took: an abandoned one could still arrive later.
    """

    def __init__(self, address: KafkaAddress, *, client_id: str) -> None:
        self._address = address
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()
        self.waiting_since: float | None = None

    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Publish one record and await its acknowledgement.

        Raises:
            DependencyDownError: it was not taken; send it again later.
            MessageSizeTooLargeError: it can never be sent.

        """
        try:
            producer = await self._started()
            future = await producer.send(topic, value=value, key=key, headers=headers)
            await self._acknowledged(future)
        except MessageSizeTooLargeError:
            raise
        except FATAL_FOR_PRODUCER as error:
            await self._discard()
            raise DependencyDownError("kafka") from error
        except (KafkaError, OSError) as error:
            raise DependencyDownError("kafka") from error

    async def _acknowledged(self, future: "asyncio.Future[Any]") -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            while True:
                done, _ = await asyncio.wait({future}, timeout=SEND_PATIENCE_SECONDS)
                if done:
                    future.result()
                    return
                self.waiting_since = begun
        finally:
            self.waiting_since = None

    async def _started(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._address.arguments(),
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=True,
                    max_request_size=REQUEST_BYTES_MAX,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _stop(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self) -> None:
        async with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)

    async def stop(self) -> None:
        """Close the connection; what is unacknowledged stays in the outboxes."""
        await self._discard()


async def _stop(producer: AIOKafkaProducer) -> None:
    # With idempotence and no broker a flush never ends: bound it, the outboxes still hold everything.
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except (TimeoutError, KafkaError, OSError):
        return


async def ping(address: KafkaAddress) -> None:
    """Ask the brokers who they are.

    Raises:
        DependencyDownError: none answers.

    """
    admin = AIOKafkaAdminClient(**address.arguments(), request_timeout_ms=3_000)
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        raise DependencyDownError("kafka") from error
    finally:
        await admin.close()
