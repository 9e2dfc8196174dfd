import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from shared import mongo
from shared.errors import DependencyDownError
from shared.events import Person
from shared.sealing import SealBrokenError, event_place
from shared.vault import CACHE_SECONDS, ErasedError, KeyMissingError, MasterKey, Vault, application_key, person_key
from tests.embedded import Embedded

pytestmark = pytest.mark.anyio
PLACE = event_place("application-1", "dk.forloeb.CourseBooked.v1", "event-1")
PERSON = Person(
    person_id="1", function="leader", name="Karen", title="Leder", mail="k@k.example", phone="1", language="da"
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Room:
    """One key store under a name of its own, and vaults as several processes have them."""

    def __init__(self, uri: str) -> None:
        self.client = mongo.connect(uri, app_name="test-vault")
        self.keys = self.client[f"vault_{os.urandom(6).hex()}"]["keys"]
        self.clock = Clock()
        self.master_key = b64encode(os.urandom(32)).decode()

    def vault(self, *, master_key: str | None = None) -> Vault:
        return Vault(keys=self.keys, master_key=MasterKey(master_key or self.master_key), clock=self.clock)


@pytest.fixture
async def room(stack: Embedded) -> AsyncIterator[Room]:
    room = Room(stack.mongodb)
    yield room
    room.client.close()


async def test_what_one_process_seals_another_opens(room: Room) -> None:
    """The key is in the store, wrapped, and only there."""
    key_id = person_key("1")
    await room.vault().create([key_id])
    block = await room.vault().seal(PERSON, key_id=key_id, place=PLACE)
    assert await room.vault().unseal(block, Person, place=PLACE) == PERSON
    row = await room.keys.find_one({"_id": key_id})
    assert row is not None
    assert len(row["wrapped"]) == 12 + 32 + 16


async def test_creating_twice_keeps_the_first_key(room: Room) -> None:
    """A retry after a crash must not orphan what was sealed before it; new ids beside old ones are made."""
    vault = room.vault()
    await vault.create(["person:1"])
    block = await vault.seal(PERSON, key_id="person:1", place=PLACE)
    for again in (vault, room.vault()):
        await again.create(["person:1", f"person:{id(again)}"])
        assert await again.unseal(block, Person, place=PLACE) == PERSON
    assert await room.keys.count_documents({}) == 3


async def test_racing_creators_end_with_one_key(room: Room) -> None:
    """Whoever comes second takes the key of the first."""
    vaults = [room.vault() for _ in range(8)]
    ids = ["person:1", "person:2", application_key("a")]
    await asyncio.gather(*(vault.create(ids) for vault in vaults))
    blocks = [await vault.seal(PERSON, key_id="person:2", place=PLACE) for vault in vaults]
    for vault, block in zip(reversed(vaults), blocks, strict=True):
        assert await vault.unseal(block, Person, place=PLACE) == PERSON


async def test_an_erased_key_is_gone_for_good(room: Room) -> None:
    """Nothing opens, nothing seals, and the tombstone refuses a new key under the old id."""
    vault = room.vault()
    await vault.create(["person:1", "person:2"])
    block = await vault.seal(PERSON, key_id="person:1", place=PLACE)
    await vault.erase("person:1")
    row = await room.keys.find_one({"_id": "person:1"})
    assert row is not None
    assert "wrapped" not in row
    with pytest.raises(ErasedError):
        await vault.unseal(block, Person, place=PLACE)
    with pytest.raises(ErasedError):
        await vault.seal(PERSON, key_id="person:1", place=PLACE)
    with pytest.raises(ErasedError):
        await vault.create(["person:1"])
    with pytest.raises(ErasedError):
        await room.vault().create(["person:3", "person:1"])


async def test_a_person_who_was_erased_before_there_was_a_key_gets_none(room: Room) -> None:
    """The request for erasure may overtake the application."""
    await room.vault().erase("person:9")
    with pytest.raises(ErasedError):
        await room.vault().create(["person:9"])


async def test_erased_people_are_left_out_and_the_others_open(room: Room) -> None:
    """The flow goes on without them."""
    vault = room.vault()
    await vault.create(["person:1", "person:2"])
    blocks = {name: await vault.seal(PERSON, key_id=f"person:{name}", place=PLACE) for name in ("1", "2")}
    await vault.erase("person:1")
    assert await vault.unseal_known(blocks, Person, place=PLACE) == {"2": PERSON}


async def test_a_key_that_is_not_there_is_an_outage_and_no_fault_of_the_record(room: Room) -> None:
    """It may come with a restore: whoever needs it waits."""
    vault = room.vault()
    await vault.create(["person:1"])
    block = await vault.seal(PERSON, key_id="person:1", place=PLACE)
    await room.keys.delete_one({"_id": "person:1"})
    with pytest.raises(KeyMissingError) as caught:
        await room.vault().unseal(block, Person, place=PLACE)
    assert isinstance(caught.value, DependencyDownError)
    assert "person:1" not in str(caught.value), "it is shown to whoever asks whether the service is ready"


async def test_another_master_key_is_an_outage_too(room: Room) -> None:
    """A process with the wrong one must not throw records away."""
    await room.vault().create(["person:1"])
    stranger = room.vault(master_key=b64encode(os.urandom(32)).decode())
    with pytest.raises(KeyMissingError):
        await stranger.seal(PERSON, key_id="person:1", place=PLACE)


async def test_a_wrapped_key_cannot_be_moved_to_another_person(room: Room) -> None:
    """Whoever writes in the store cannot make one person's blocks open under another's id."""
    await room.vault().create(["person:1", "person:2"])
    row = await room.keys.find_one({"_id": "person:1"})
    assert row is not None
    await room.keys.update_one({"_id": "person:2"}, {"$set": {"wrapped": row["wrapped"]}})
    with pytest.raises(KeyMissingError):
        await room.vault().seal(PERSON, key_id="person:2", place=PLACE)


async def test_a_moved_block_is_broken(room: Room) -> None:
    """In another event it does not open, although the key is right."""
    vault = room.vault()
    await vault.create(["person:1"])
    block = await vault.seal(PERSON, key_id="person:1", place=PLACE)
    with pytest.raises(SealBrokenError):
        await vault.unseal(block, Person, place=event_place("application-2", "dk.forloeb.CourseBooked.v1", "event-1"))


async def test_an_erasure_takes_hold_everywhere_within_a_minute(room: Room) -> None:
    """Another process may use its cached key until then, and no longer; in the process that erases it is gone at once."""
    erasing, other = room.vault(), room.vault()
    await erasing.create(["person:1"])
    block = await other.seal(PERSON, key_id="person:1", place=PLACE)
    await erasing.erase("person:1")
    room.clock.now += timedelta(seconds=CACHE_SECONDS - 1)
    assert await other.unseal(block, Person, place=PLACE) == PERSON
    room.clock.now += timedelta(seconds=1)
    with pytest.raises(ErasedError):
        await other.unseal(block, Person, place=PLACE)


async def test_no_shorter_or_other_master_key_is_taken() -> None:
    """Checked at the start, not at the first application."""
    for text in ("", "c2hvcnQ=", "not base64 at all", b64encode(bytes(31)).decode()):
        with pytest.raises(ValueError, match=r"32 bytes|base64|[Pp]adding|data"):
            MasterKey(text)
