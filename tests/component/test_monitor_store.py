"""What the monitor remembers, for how long, and what becomes of a record whose place another one takes."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.monitor.sighting import Sighting
from services.monitor.store import DATABASE, Store, create_indexes
from shared import mongo
from tests.embedded import Embedded


@pytest.fixture
async def store(stack: Embedded) -> AsyncIterator[Store]:
    client = mongo.connect(stack.mongodb, app_name="test")
    await client.drop_database(DATABASE)
    await create_indexes(client)
    yield Store(client)
    client.close()


def seen(offset: int) -> Sighting:
    return Sighting(
        topic="forloeb.courses", partition=0, offset=offset, timestamp=offset, number=100 + offset, ce_id="a"
    )


async def numbers(store: Store) -> list[int]:
    return [one.number for one in await store.seen_last(topic=None, reference=None, limit=100)]


async def test_a_record_read_twice_stays_as_it_was_seen_first(store: Store) -> None:
    """Its number keeps its place in the order."""
    assert await store.keep([seen(1), seen(2)]) == []
    assert await store.keep([replace(seen(2), number=900), seen(3)]) == []
    assert await numbers(store) == [101, 102, 103]
    assert await store.last_number() == 103


async def test_a_record_at_the_place_of_a_lost_one_takes_it_over(store: Store) -> None:
    """A broker that has lost its last records gives their offsets to new ones."""
    await store.keep([seen(1), seen(2)])
    await store.keep([replace(seen(2), ce_id="b", number=900), seen(3)])
    assert await numbers(store) == [101, 103, 900]


async def test_what_is_old_or_too_much_is_forgotten(store: Store) -> None:
    """By age, and by number, the oldest first."""
    await store.keep([seen(offset) for offset in range(10)])
    assert await store.prune(before_number=103, events_max=100) == 3
    assert await store.prune(before_number=0, events_max=5) == 2
    assert await numbers(store) == [105, 106, 107, 108, 109]
    assert await store.prune(before_number=0, events_max=5) == 0
