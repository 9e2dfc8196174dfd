"""A consumer that has nothing to read leaves the processor alone, also with a broker that does not keep fetches open."""

import asyncio
from typing import Any

from shared.events import COURSES
from shared.kafka import KafkaAddress, create_topics
from shared.reading import EMPTY_FETCH_SECONDS_MIN, PatientConsumer
from tests.embedded import Embedded
from tests.polling import until

FETCHES = 20


async def test_an_idle_consumer_asks_only_so_often(stack: Embedded) -> None:
    """Empty answers that come at once are followed by a short wait; before, the next question left a moment later."""
    await create_topics(KafkaAddress(bootstrap_servers=stack.kafka))
    consumer = PatientConsumer(COURSES, bootstrap_servers=stack.kafka, group_id="pace", auto_offset_reset="latest")
    await consumer.start()
    reading = asyncio.create_task(consumer.getone())
    try:
        asked: list[float] = []
        send = consumer._client.send

        async def counted(node: Any, request: Any, **options: Any) -> Any:
            if type(request).__name__.startswith("FetchRequest"):
                asked.append(asyncio.get_running_loop().time())
            return await send(node, request, **options)

        consumer._client.send = counted
        await until(lambda: len(asked) > FETCHES, what="fetches")
        assert asked[FETCHES] - asked[0] >= FETCHES * EMPTY_FETCH_SECONDS_MIN * 0.9
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await consumer.stop()
