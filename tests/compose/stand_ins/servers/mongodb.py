"""Runs SecantusDB in place of MongoDB: makes the root user at the first start, then serves to known users only."""

import os
import socket
import subprocess
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

DATA = Path("/data/db")
STORAGE = DATA / "secantus"
MADE = DATA / "root-user-made"
PRIVATE_PORT = 27018
START_SECONDS = 60


def command(*options: str) -> list[str]:
    return ["/opt/servers/bin/secantusd-py", "--storage-path", str(STORAGE), "--log-level", "WARNING", *options]


def make_root() -> None:
    """As the image mongo does: on a server that nobody else reaches."""
    server = subprocess.Popen(command("--host", "127.0.0.1", "--port", str(PRIVATE_PORT)))
    client = MongoClient(f"mongodb://127.0.0.1:{PRIVATE_PORT}/?directConnection=true", serverSelectionTimeoutMS=1000)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.admin.command(
                "createUser",
                os.environ["MONGO_INITDB_ROOT_USERNAME"],
                pwd=os.environ["MONGO_INITDB_ROOT_PASSWORD"],
                roles=["root"],
            )
            break
        except PyMongoError:
            if time.monotonic() > deadline or server.poll() is not None:
                raise
    client.close()
    server.terminate()
    server.wait()
    MADE.touch()


def main() -> None:
    if not MADE.exists():
        make_root()
    # It tells its clients this address as the one of the set's only member, so it must be one that they reach.
    own = socket.gethostbyname(socket.gethostname())
    serve = command("--host", own, "--port", "27017", "--auth", "--sync-on-commit", "--cache-size", "256M")
    os.execv(serve[0], serve)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
