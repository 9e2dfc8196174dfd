"""What must be there before the first service starts: the topics and the indexes. Each step may be repeated at any time."""

import importlib

from shared import kafka, mongo
from shared.kafka import KafkaAddress
from shared.settings import CommonSettings

STORES = (*(f"services.{name}.store" for name in ("intake", "scheduler", "notifier", "monitor")), "shared.staff.store")


def kafka_address(settings: CommonSettings) -> KafkaAddress:
    """Where the brokers are, as every client here takes it."""
    return KafkaAddress.of(settings)


async def prepare_topics(settings: CommonSettings) -> list[str]:
    """Create the missing topics, and return their names. Raises DependencyDownError."""
    return await kafka.create_topics(
        kafka_address(settings), partitions=settings.kafka_partitions, replication=settings.kafka_replication
    )


async def prepare_indexes(settings: CommonSettings) -> None:
    """Create the missing indexes of every service. Raises DependencyDownError."""
    client = mongo.connect(settings.mongodb.get_secret_value(), app_name="forloeb-indexes")
    try:
        for store in STORES:
            await importlib.import_module(store).create_indexes(client)
    finally:
        client.close()
