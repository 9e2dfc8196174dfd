"""The one place that knows the MongoDB driver: the client with its write concern and limits, and the mapping of its errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import (
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.errors import DependencyDownError

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]
DriverError = PyMongoError
"""Whatever the driver raises; its texts may hold addresses and passwords, so they are not shown."""

# Of a whole operation, finding a server and trying again included: so long a caller waits for "the database is away". The driver
# works in a few threads, and each waiting operation keeps one of them.
OPERATION_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_MS = 3_000

# Server answers that say "not now" rather than "never": no primary, stepping down, shutting down, out of time, cursor lost in a
# restart, write concern not met, interrupted; and what only staff can mend, as rights, credentials and disk space: no record's fault.
NOT_NOW_CODES = frozenset(
    {6, 7, 13, 18, 43, 50, 64, 89, 91, 189, 237, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436, 14031}
)


class AlreadyThereError(Exception):
    """A unique index holds the value already. `index_fields` are the fields of that index, e.g. `("claims",)`."""

    def __init__(self, index_fields: tuple[str, ...], value: object = None) -> None:
        super().__init__(f"already there: {', '.join(index_fields) or 'unknown index'}")
        self.index_fields = index_fields
        self.value = value


def connect(uri: str, *, app_name: str) -> Client:
    """A client that acknowledges a write only when a majority has journaled it, and reads instants as aware UTC.

    Nothing is opened before the first operation. Every operation is bounded; after a time-out its outcome is unknown.
    """
    return AsyncIOMotorClient(
        uri,
        appname=app_name,
        tz_aware=True,
        w="majority",
        journal=True,
        retryWrites=True,
        uuidRepresentation="standard",
        connectTimeoutMS=CONNECT_TIMEOUT_MS,
        timeoutMS=OPERATION_TIMEOUT_MS,
    )


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn driver errors into ours.

    Raises:
        DependencyDownError: the server is away, slow or without a primary; a write may or may not have happened.
        AlreadyThereError: a unique index refused the write; it did not happen, unless it was this very document's own.

    """
    try:
        yield
    except DuplicateKeyError as error:
        details = error.details or {}
        value = details.get("keyValue") or {}
        raise AlreadyThereError(tuple(details.get("keyPattern") or ()), next(iter(value.values()), None)) from None
    except (ConnectionFailure, NetworkTimeout, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError) as error:
        raise DependencyDownError("database") from error
    except OperationFailure as error:
        if error.code in NOT_NOW_CODES or error.has_error_label("RetryableWriteError") or error.timeout:
            raise DependencyDownError("database") from error
        raise


async def ping(client: Client) -> None:
    """Ask the server for a sign of life.

    Raises:
        DependencyDownError: it does not answer.

    """
    with database_errors():
        await client.admin.command("ping")
