"""Which partitions there are to read, for the follower and for whoever tells the lag."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka import TOPICS

PARTITION_FETCH_BYTES_MAX = 4 * 1024 * 1024


async def all_partitions(consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    """All partitions of our topics that exist now."""
    # The client keeps only the topics that it reads; this asks for all.
    cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - the public `topics()` asks the same and keeps the names only
    return [
        TopicPartition(topic, number)
        for topic in TOPICS
        for number in sorted(cluster.partitions_for_topic(topic) or ())
    ]
