"""Checks the database: whether it answers, takes writes that a majority acknowledges, has our indexes, and what time it has."""

from datetime import UTC, datetime
from uuid import uuid4

from services.doctor.finding import Finding, ok, wrong
from services.doctor.indexes import wanted_indexes
from shared import mongo
from shared.errors import DependencyDownError
from shared.mongo import Client, DriverError, database_errors
from shared.settings import CommonSettings

CLOCK_SECONDS_MAX = 5.0
"""Further apart, tokens and leases of two machines would contradict each other."""
CHECKS = ("doctor", "checks")
"""Database and collection of the one document that is written and removed again."""
WHAT = "mongodb"


async def check_mongodb(settings: CommonSettings) -> list[Finding]:
    """Says hello, writes and removes one document, and compares indexes and clocks."""
    try:
        client = mongo.connect(settings.mongodb.get_secret_value(), app_name="forloeb-doctor")
    except DriverError as error:
        return [_refused(error)]
    try:
        return await _check(client)
    except DependencyDownError:
        advice = "Is it running, and does FORLOEB_MONGODB name it? A single server outside a replica set needs directConnection=true."
        return [wrong(WHAT, "no answer, or it takes no writes", advice)]
    except DriverError as error:
        return [_refused(error)]
    finally:
        client.close()


def _refused(error: Exception) -> Finding:
    text = f"not for us ({type(error).__name__})"
    return wrong(WHAT, text, "Check the form of FORLOEB_MONGODB, its user and its password.")


async def _check(client: Client) -> list[Finding]:
    with database_errors():
        hello = await client.admin.command("hello")
        asked_at = datetime.now(UTC)
        version = (await client.admin.command("buildInfo")).get("version", "?")
        checks = client[CHECKS[0]][CHECKS[1]]
        name = uuid4().hex
        await checks.insert_one({"_id": name})
        await checks.delete_one({"_id": name})
    group = f"replica set {hello['setName']}" if hello.get("setName") else "a single server"
    found = ok(WHAT, f"version {version}, {group}; a write was acknowledged by a majority")
    return [found, await _indexes(client), _clock(hello.get("localTime"), asked_at)]


async def _indexes(client: Client) -> Finding:
    missing = []
    for (database, collection), names in (await wanted_indexes()).items():
        with database_errors():
            have = set(await client[database][collection].index_information())
        missing += [f"{database}.{collection}.{name}" for name in sorted(names - have)]
    if missing:
        return wrong("indexes", f"missing: {', '.join(missing)}", "Run `forloeb indexes create`.")
    return ok("indexes", "all are there")


def _clock(theirs: datetime | None, ours: datetime) -> Finding:
    if theirs is None:
        return wrong("clock", "the database does not tell its time", "Compare the clocks of the machines by hand.")
    # Answers to commands come without a zone: the wire format knows UTC only.
    apart = abs((theirs.replace(tzinfo=UTC) - ours).total_seconds())
    if apart > CLOCK_SECONDS_MAX:
        advice = "Have both machines set their clocks by NTP."
        return wrong("clock", f"this machine and the database are {apart:.0f} s apart", advice)
    return ok("clock", f"this machine and the database are {apart:.1f} s apart")
