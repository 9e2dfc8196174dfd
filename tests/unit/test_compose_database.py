"""How docker-compose.yml's database is prepared: the replica set of one, and who may do what."""

import time
from typing import Any, cast

import pytest

from deploy.compose.database import ALREADY_INITIALIZED, MEMBER, USERS, prepare_database, roles_of
from shared.errors import DependencyDownError
from shared.mongo import Client, DriverError

PASSWORDS = dict.fromkeys(USERS, "0123456789abcdef")


class InitializedError(DriverError):
    """As the driver tells of a set that is there already."""

    code = ALREADY_INITIALIZED


class FakeServer:
    """A MongoDB that knows what it was told; `hellos` are its answers to hello, the last one for ever."""

    def __init__(self, *hellos: dict[str, Any], refuses: bool = False) -> None:
        self._hellos = list(hellos)
        self._refuses = refuses
        self.made: list[tuple[str, Any]] = []

    def __getitem__(self, name: str) -> "FakeServer":
        assert name == "admin"
        return self

    async def command(self, what: str, value: Any = None, **_options: Any) -> dict[str, Any]:
        if what == "hello":
            return self._hellos.pop(0) if len(self._hellos) > 1 else self._hellos[0]
        if what in ("rolesInfo", "usersInfo"):
            known = {name for made, name in self.made if made in ("createRole", "createUser")}
            found = [1] if next(iter(value.values())) in known else []
            return {"roles": found, "users": found}
        self.made.append((what, value))
        if what == "replSetInitiate" and self._refuses:
            raise InitializedError
        return {"ok": 1}

    def count(self, what: str) -> int:
        return sum(made == what for made, _ in self.made)


PRIMARY = {"setName": "forloeb", "isWritablePrimary": True}


async def prepare(server: FakeServer, *, seconds: float = 10) -> None:
    await prepare_database(cast("Client", server), PASSWORDS, deadline=time.monotonic() + seconds)


@pytest.mark.anyio
async def test_a_server_outside_a_set_is_made_one_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the name by which the services reach it; users are made only when it takes writes."""
    monkeypatch.setattr("deploy.compose.database.POLL_SECONDS", 0)
    server = FakeServer({"isWritablePrimary": False}, {"setName": "forloeb", "isWritablePrimary": False}, PRIMARY)
    await prepare(server)
    assert server.made[0] == ("replSetInitiate", {"_id": "forloeb", "members": [{"_id": 0, "host": MEMBER}]})
    assert server.count("replSetInitiate") == 1
    assert server.count("createUser") == len(USERS)


@pytest.mark.anyio
async def test_a_set_that_is_only_waking_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a restart it does not know its own name at once, and refuses to be made again."""
    monkeypatch.setattr("deploy.compose.database.POLL_SECONDS", 0)
    server = FakeServer({"isWritablePrimary": False}, PRIMARY, refuses=True)
    await prepare(server)
    assert server.count("createUser") == len(USERS)


@pytest.mark.anyio
async def test_a_second_time_changes_users_and_makes_none() -> None:
    """So a password can be changed in `.env`."""
    server = FakeServer(PRIMARY)
    await prepare(server)
    await prepare(server)
    assert server.count("createUser") == server.count("updateUser") == len(USERS)
    assert server.count("createRole") == server.count("updateRole")


@pytest.mark.anyio
async def test_a_database_that_never_takes_writes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job then fails, and no service starts."""
    monkeypatch.setattr("deploy.compose.database.POLL_SECONDS", 0)
    with pytest.raises(DependencyDownError):
        await prepare(FakeServer({"setName": "forloeb", "isWritablePrimary": False}), seconds=0)


def test_each_user_has_one_database_and_the_monitor_no_keys() -> None:
    """What is shown on the live page stays sealed; all have pages for staff, and so know of their sessions."""
    for user in USERS:
        assert [role["db"] for role in roles_of(user) if role["role"] == "readWrite"] == [user]
        assert "staff-door" in {role["role"] for role in roles_of(user)}
    assert {role["role"] for role in roles_of("monitor")} == {"readWrite", "staff-door"}
