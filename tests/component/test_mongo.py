import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest
from pymongo.errors import BulkWriteError, OperationFailure

from deploy.local import processes
from deploy.local.ports import free_ports
from shared import mongo
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, database_errors
from tests.embedded import Embedded

pytestmark = pytest.mark.anyio


def collection(uri: str) -> tuple[mongo.Client, mongo.Collection]:
    client = mongo.connect(uri, app_name="test-mongo")
    return client, client[f"mongo_{os.urandom(6).hex()}"]["things"]


async def test_a_refused_duplicate_names_the_index(stack: Embedded) -> None:
    """So that the caller knows whether it was its own id or somebody's claim."""
    client, things = collection(stack.mongodb)
    await things.create_index("claims", unique=True, partialFilterExpression={"claims.0": {"$exists": True}})
    await things.insert_one({"_id": "a", "claims": ["c1|2027", "c2|2027"]})
    with pytest.raises(AlreadyThereError) as caught, database_errors():
        await things.insert_one({"_id": "b", "claims": ["c0|2027", "c2|2027"]})
    assert caught.value.index_fields == ("claims",)
    with pytest.raises(AlreadyThereError) as caught, database_errors():
        await things.insert_one({"_id": "a"})
    assert caught.value.index_fields == ("_id",)
    client.close()


async def test_duplicates_of_a_bulk_write_stay_a_bulk_write_error(stack: Embedded) -> None:
    """It says which ones were refused; the others are in."""
    client, things = collection(stack.mongodb)
    await things.insert_one({"_id": 1})
    with pytest.raises(BulkWriteError) as caught, database_errors():
        await things.insert_many([{"_id": 0}, {"_id": 1}, {"_id": 2}], ordered=False)
    assert [row["index"] for row in (caught.value.details or {})["writeErrors"]] == [1]
    assert await things.count_documents({}) == 3
    client.close()


async def test_a_wrong_command_is_no_outage(stack: Embedded) -> None:
    """Waiting would not help: it is a bug, and raised as one."""
    client, things = collection(stack.mongodb)
    with pytest.raises(OperationFailure), database_errors():
        await things.update_one({}, {"$nonsense": {"a": 1}})
    client.close()


@pytest.mark.parametrize(
    ("code", "labels"),
    [(11600, []), (10107, []), (189, []), (91, []), (50, []), (43, []), (1, ["RetryableWriteError"])],
)
async def test_answers_that_say_not_now_are_an_outage(code: int, labels: list[str]) -> None:
    """A server that shuts down, has no primary or ran out of time answers with an error, too."""
    with pytest.raises(DependencyDownError), database_errors():
        raise OperationFailure("canary", code, {"errorLabels": labels})


async def test_instants_come_back_aware(stack: Embedded) -> None:
    """UTC, in the milliseconds that the database keeps."""
    client, things = collection(stack.mongodb)
    await things.insert_one({"_id": 1, "at": datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=UTC)})
    row = await things.find_one({"_id": 1})
    assert row is not None
    assert row["at"] == datetime(2026, 11, 24, 12, 0, 0, 123_000, tzinfo=UTC)
    client.close()


async def test_nobody_there_is_an_outage_told_soon() -> None:
    """Within the time that a whole operation may take."""
    client, things = collection(f"mongodb://127.0.0.1:{free_ports(1)[0]}/?directConnection=true")
    async with asyncio.timeout(mongo.OPERATION_TIMEOUT_MS / 1000 + 2):
        with pytest.raises(DependencyDownError):
            await _insert(things)
    client.close()


async def test_a_server_that_hangs_is_an_outage_and_comes_back(own_stack: Embedded) -> None:
    """An operation ends within its time limit; the same client works on when the server does."""
    client, things = collection(own_stack.mongodb)
    await _insert(things)
    server = own_stack.program("mongodb")
    processes.send(server, signal.SIGSTOP)
    try:
        async with asyncio.timeout(mongo.OPERATION_TIMEOUT_MS / 1000 + 5):
            with pytest.raises(DependencyDownError):
                await _insert(things)
    finally:
        processes.send(server, signal.SIGCONT)
    await _insert(things)
    client.close()


async def test_a_server_that_is_killed_is_an_outage_and_comes_back(own_stack: Embedded) -> None:
    """What was acknowledged is there after the restart; the same client goes on."""
    client, things = collection(own_stack.mongodb)
    await _insert(things)
    processes.kill(own_stack.program("mongodb"))
    with pytest.raises(DependencyDownError):
        await _insert(things)
    await asyncio.to_thread(own_stack.bring_up)
    async with asyncio.timeout(10):
        await _insert(things)
    assert await things.count_documents({}) == 2
    client.close()


async def _insert(things: mongo.Collection) -> None:
    with database_errors():
        await things.insert_one({})
