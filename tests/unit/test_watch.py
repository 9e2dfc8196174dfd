from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.monitor.sighting import Sighting
from services.monitor.stream import Hub
from services.monitor.watch import References, Watch
from shared.errors import DependencyDownError
from tests.event_story import Story, Told

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOW_NUMBER = int(NOW.timestamp() * 1_000_000)


class FakeStore:
    """Keeps in memory; refuses what it is told to."""

    def __init__(self) -> None:
        self.rows: dict[str, Sighting] = {}
        self.refused: set[str] = set()
        self.broken: set[str] = set()
        self.down = False
        self.last = 0

    async def keep(self, seen: Sequence[Sighting]) -> list[int]:
        if self.down:
            raise DependencyDownError("database")
        if any(one.id in self.broken and one.fault != "unkept" for one in seen):
            raise OverflowError
        refused = [place for place, one in enumerate(seen) if one.id in self.refused]
        self.rows |= {one.id: one for place, one in enumerate(seen) if place not in refused}
        return refused

    async def last_number(self) -> int:
        return self.last

    async def references(self, application_ids: Collection[str]) -> dict[str, str]:
        return {
            row.application_id: row.reference
            for row in self.rows.values()
            if row.application_id in application_ids and row.application_id and row.reference
        }


def watch_of(store: FakeStore, hub: Hub | None = None) -> Watch:
    return Watch(store=store, references=References(store), hub=hub or Hub(), clock=lambda: NOW)  # type: ignore[arg-type]


def record(told: Told, offset: int, timestamp: int = 1) -> Any:
    fields = {"topic": told.topic, "key": told.key.encode(), "headers": told.headers, "value": told.value}
    return SimpleNamespace(partition=0, offset=offset, timestamp=timestamp, **fields)


def told() -> list[Told]:
    story = Story()
    return list(story.booked(application_id=story.id(), reference="SPARK-7K4M-2QX9"))


async def test_a_mail_is_shown_with_the_reference_of_its_application() -> None:
    """Its event holds the application's id only."""
    store = FakeStore()
    await watch_of(store).see([record(one, place, timestamp=place) for place, one in enumerate(told())])
    assert {row.reference for row in store.rows.values()} == {"SPARK-7K4M-2QX9"}


async def test_a_reference_seen_before_a_restart_is_found_again() -> None:
    """What is not in memory is looked up."""
    store = FakeStore()
    first, mail, *_ = told()
    await watch_of(store).see([record(first, 0)])
    await watch_of(store).see([record(mail, 1)])
    assert [row.reference for row in store.rows.values()] == ["SPARK-7K4M-2QX9"] * 2


async def test_numbers_follow_the_time_of_the_records_and_never_go_back() -> None:
    """Even if our own clock does."""
    store = FakeStore()
    store.last = NOW_NUMBER + 1_000_000
    watch = watch_of(store)
    one, two, three, *_ = told()
    await watch.see([record(one, 0, timestamp=50), record(two, 1, timestamp=40)])
    await watch.see([record(three, 2, timestamp=60)])
    by_number = sorted(store.rows.values(), key=lambda row: row.number)
    assert [row.offset for row in by_number] == [1, 0, 2]
    assert by_number[0].number == NOW_NUMBER + 1_000_001


@pytest.mark.parametrize("trouble", ["refused", "broken"])
async def test_a_record_that_cannot_be_kept_does_not_stop_the_others(trouble: str) -> None:
    """The bare place is kept where the driver chokes on the content; what the database refuses for good is passed over."""
    store = FakeStore()
    records = [record(one, place) for place, one in enumerate(told())]
    odd = f"{records[2].topic}/0/2"
    getattr(store, trouble).add(odd)
    await watch_of(store).see(records)
    assert len(store.rows) == len(records) - (trouble == "refused")
    assert trouble == "refused" or store.rows[odd].fault == "unkept"


async def test_while_the_database_is_away_nothing_is_shown() -> None:
    """The same records are seen again later."""
    store, hub = FakeStore(), Hub()
    store.down = True
    watch = watch_of(store, hub)
    records = [record(one, place) for place, one in enumerate(told())]
    with hub.client() as client:
        with pytest.raises(DependencyDownError):
            await watch.see(records)
        assert client.queue.empty()
        store.down = False
        await watch.see(records)
        assert client.queue.qsize() == len(records) == len(store.rows)
