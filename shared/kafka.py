"""Connections to Kafka: where and how, the topics that must exist, and a producer that survives what breaks producers."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, TopicAlreadyExistsError

from shared.envelope import Headers
from shared.errors import DependencyDownError
from shared.events import APPLICATIONS, AUDIT, CONSULTANTS, COURSES, DEAD_LETTERS, MESSAGES
from shared.settings import CommonSettings

PARTITIONS = 6
RETENTION_MS = 400 * 24 * 3600 * 1000
REQUEST_BYTES_MAX = 4 * 1024 * 1024
REQUEST_TIMEOUT_MS = 30_000
STOP_SECONDS = 5
TOPICS = (APPLICATIONS, COURSES, CONSULTANTS, MESSAGES, AUDIT, DEAD_LETTERS)


@dataclass(frozen=True, kw_only=True)
class KafkaAddress:
    """Where the brokers are; TLS where a CA file is given, SASL SCRAM-SHA-512 where a user is."""

    bootstrap_servers: str
    ca_file: str | None = None
    user: str | None = None
    password: str | None = None

    @classmethod
    def of(cls, settings: CommonSettings) -> "KafkaAddress":
        """The brokers that the settings name."""
        password = settings.kafka_password
        return cls(
            bootstrap_servers=settings.kafka,
            ca_file=settings.kafka_ca_file,
            user=settings.kafka_user,
            password=password.get_secret_value() if password else None,
        )

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
    except (KafkaError, OSError) as error:
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
        # Done when the producer of that time was given up: whoever still waits for one of its answers would wait for ever.
        self._given_up: asyncio.Future[None] | None = None
        self._lock = asyncio.Lock()
        self._closed = False

    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Publish one record and await its acknowledgement, however long the brokers are away.

        Raises:
            DependencyDownError: it is not known to be taken; send it again later.
            MessageSizeTooLargeError: it can never be sent.

        """
        producer: AIOKafkaProducer | None = None
        try:
            producer, given_up = await self._started()
            future = await producer.send(topic, value=value, key=key, headers=headers)
            await _acknowledged(future, given_up)
        except MessageSizeTooLargeError:
            raise
        except (KafkaError, OSError) as error:
            if producer is not None and not getattr(error, "retriable", False):
                # The broker, or the client's own sender task, refuses everything more of this producer, for ever.
                await self._give_up(producer)
            raise DependencyDownError("kafka") from error

    async def _started(self) -> "tuple[AIOKafkaProducer, asyncio.Future[None]]":
        async with self._lock:
            if self._closed:
                raise DependencyDownError("kafka: this process stops")
            if self._producer is None or self._given_up is None:
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
                self._given_up = asyncio.get_running_loop().create_future()
            return self._producer, self._given_up

    async def _give_up(self, producer: AIOKafkaProducer) -> None:
        """Part with this producer, unless somebody else has done so: the next `send` makes a new one."""
        async with self._lock:
            if self._producer is not producer:
                return
            given_up, self._producer, self._given_up = self._given_up, None, None
        await _stop(producer)
        if given_up is not None and not given_up.done():
            given_up.set_result(None)

    async def stop(self) -> None:
        """Close the connection for good; what is unacknowledged stays in the outboxes."""
        self._closed = True
        if self._producer is not None:
            await self._give_up(self._producer)


async def _acknowledged(future: "asyncio.Future[Any]", given_up: "asyncio.Future[None]") -> None:
    await asyncio.wait({future, given_up}, return_when=asyncio.FIRST_COMPLETED)
    if not future.done():
        raise DependencyDownError("kafka")
    future.result()


async def _stop(producer: AIOKafkaProducer) -> None:
    # With idempotence and no broker a flush never ends: bound it, the outboxes still hold everything.
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except (TimeoutError, KafkaError, OSError):
        # The client's own sender task would go on trying, unseen: its records could arrive at any later time.
        with contextlib.suppress(TimeoutError, KafkaError, OSError):
            async with asyncio.timeout(STOP_SECONDS):
                await producer._sender.close()  # noqa: SLF001 - aiokafka has no public way to stop without a flush
                await producer.client.close()


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
