"""aiokafka's consumer, made to tell how it is, and to get past a record that it cannot even decode.

aiokafka raises on a header whose *name* is no UTF-8, and reads the same record again, for ever: one such record would end the
partition. Here a stand-in takes its place, which the guard dead-letters; the record itself stays in its topic. What its producer
sent behind it in the same batch cannot be decoded either, and goes the same way.
"""

import asyncio
import contextlib
import traceback
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError, IllegalOperation, KafkaError

EMPTY_FETCH_SECONDS_MIN = 0.02


@dataclass(frozen=True, kw_only=True)
class UnreadableRecord:
    """Stands for a record of which only the place is known."""

    topic: str
    partition: int
    offset: int
    timestamp: int = -1
    key: None = None
    value: None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    async def start(self) -> None:
        """Start, and ask a broker that has nothing only so often.

        Kafka keeps a fetch open until there is something or half a second is over; noida-db answers "nothing" at once, and
        the library would ask again at once, for ever: half a processor for each idle consumer.
        """
        await super().start()
        fetch = self._fetcher._proc_fetch_request  # noqa: SLF001 - the loop that asks has no other place to wait
        clock = asyncio.get_running_loop().time

        async def unhurried(*request: Any) -> Any:
            asked = clock()
            found = await fetch(*request)
            if not found:
                # The library ends its fetches by cancelling them, and expects that they return.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(max(0.0, asked + EMPTY_FETCH_SECONDS_MIN - clock()))
            return found

        self._fetcher._proc_fetch_request = unhurried  # noqa: SLF001 - same

    async def abandon(self) -> None:
        """Close without a goodbye, when `stop` hangs: else the heartbeats would go on, and keep our partitions for nobody."""
        self._closed = True
        names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task")
        tasks = [task for task in (getattr(self._coordinator, name, None) for name in names) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._fetcher is not None:
            await self._fetcher.close()
        await self._client.close()

    def lag(self) -> int:
        """Records known to be there and not read yet, without asking the broker."""
        assignment = self._subscription.subscription and self._subscription.subscription.assignment
        lag = 0
        for partition in self.assignment() if assignment else ():
            state, end = assignment.state_value(partition), self.highwater(partition)
            if end is not None and state is not None and state.has_valid_position:
                lag += max(0, end - state.position)
        return lag

    def coordination_ended(self) -> bool:
        """Whether the task that keeps the group membership has died: the library says so only to whoever reads a record then."""
        task = getattr(self._coordinator, "_coordination_task", None)
        return task is not None and task.done()

    async def getone(self, *partitions: TopicPartition) -> Any:
        try:
            return await super().getone(*partitions)
        except (KafkaError, ConsumerStoppedError, IllegalOperation):
            raise
        except Exception as error:
            place = _partition_that_raised(error)
            if place is None or place not in self.assignment():
                raise
            offset = await self.position(place)
            self.seek(place, offset + 1)
            return UnreadableRecord(topic=place.topic, partition=place.partition, offset=offset)


def _partition_that_raised(error: Exception) -> TopicPartition | None:
    """The exception does not say it; the library's object in whose method it was raised does."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        owner = frame.f_locals.get("self")
        if isinstance(owner, FetchResult):
            return owner._topic_partition  # noqa: SLF001 - said nowhere else
    return None
