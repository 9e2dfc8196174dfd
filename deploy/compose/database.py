"""`python -m deploy.compose.database`: makes MongoDB a replica set and gives each service a user for its own database alone.

Run as the root user, before anything else; may be repeated at any time, and sets passwords and rights anew each time.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from shared import mongo
from shared.errors import DependencyDownError
from shared.mongo import Client, DriverError

REPLICA_SET = "forloeb"
MEMBER = "mongodb:27017"
PATIENCE_SECONDS = 90.0
POLL_SECONDS = 0.5
ADMIN = "admin"
ALREADY_INITIALIZED = 23
USERS = ("intake", "scheduler", "notifier", "monitor")
# What more than one service works with, by role: database, collections, actions.
# Who writes sealed blocks makes keys; nobody may change or remove a person's, until there is an eraser with a user of its own.
SHARED_ACTIONS = {
    "vault-keeper": ("vault", ("keys",), ("find", "insert")),
    "vault-reader": ("vault", ("keys",), ("find",)),
    # Of mails that came in, each under a key of its own that goes when their days are over.
    "mail-vault-keeper": ("vault", ("mail_keys",), ("find", "insert", "remove")),
    "staff-door": ("staff", ("sessions", "attempts"), ("find", "insert", "update", "remove")),
}
SHARED_ROLES = {
    "intake": ("vault-keeper", "mail-vault-keeper", "staff-door"),
    "scheduler": ("vault-keeper", "staff-door"),
    "notifier": ("vault-reader", "staff-door"),
    "monitor": ("staff-door",),
}


async def prepare_database(client: Client, passwords: Mapping[str, str], *, deadline: float) -> None:
    """`passwords` by user; `deadline` on the monotonic clock, since a database that has just begun needs a while.

    Raises:
        DependencyDownError: it took no writes by then.

    """
    while not (await _hello(client, deadline)).get("isWritablePrimary"):
        await _pause(deadline)
    admin = client[ADMIN]
    for role, (database, collections, actions) in SHARED_ACTIONS.items():
        privileges = [
            {"resource": {"db": database, "collection": collection}, "actions": list(actions)}
            for collection in collections
        ]
        known = (await admin.command("rolesInfo", {"role": role, "db": ADMIN}))["roles"]
        await admin.command("updateRole" if known else "createRole", role, privileges=privileges, roles=[])
    for user in USERS:
        known = (await admin.command("usersInfo", {"user": user, "db": ADMIN}))["users"]
        await admin.command("updateUser" if known else "createUser", user, pwd=passwords[user], roles=roles_of(user))


def roles_of(user: str) -> list[dict[str, str]]:
    """Its own database, and of what is shared what it needs."""
    return [{"role": "readWrite", "db": user}, *({"role": role, "db": ADMIN} for role in SHARED_ROLES[user])]


async def _hello(client: Client, deadline: float) -> dict[str, Any]:
    """What the server says of itself; makes it a replica set of one where it is none yet."""
    while True:
        try:
            with mongo.database_errors():
                hello: dict[str, Any] = await client[ADMIN].command("hello")
                if not hello.get("setName") and not hello.get("isWritablePrimary"):
                    members = [{"_id": 0, "host": MEMBER}]
                    await client[ADMIN].command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except DependencyDownError:
            await _pause(deadline)
        except DriverError as error:
            if getattr(error, "code", None) != ALREADY_INITIALIZED:
                raise
            # It only had not read yet that it is one.
            await _pause(deadline)
        else:
            return hello


async def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise DependencyDownError("database")
    await asyncio.sleep(POLL_SECONDS)


async def _main(environment: Mapping[str, str]) -> None:
    passwords = {user: environment[f"MONGODB_{user.upper()}_PASSWORD"] for user in USERS}
    client = mongo.connect(environment["FORLOEB_MONGODB"], app_name="forloeb-prepare")
    try:
        await prepare_database(client, passwords, deadline=time.monotonic() + PATIENCE_SECONDS)
    finally:
        client.close()


def main() -> int:
    try:
        asyncio.run(_main(os.environ))
    except KeyError as error:
        sys.stderr.write(f"{error.args[0]} is not set.\n")
        return 1
    except (DependencyDownError, DriverError) as error:
        # The driver's own texts may hold addresses and passwords.
        sys.stderr.write(f"The database could not be prepared ({type(error).__name__}).\n")
        return 1
    sys.stdout.write("The database and its users are ready.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
