"""`forloeb healthy`: asks the service on this machine how it is, for health checks of containers, which have no curl."""

import http.client
import importlib
import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ANSWER_SECONDS = 4.0
EVERY_ADDRESS = ("0.0.0.0", "::")
FIRST_PROCESS = Path("/proc/1/cmdline")
HTTP_OK = 200


def service_of(command: Sequence[str], services: Sequence[str]) -> str | None:
    """Which service a command runs: the word after `run`; None where it runs none."""
    found = next((after for word, after in itertools.pairwise(command) if word == "run"), None)
    return found if found in services else None


def first_process() -> list[str]:
    """The command of process 1: in a container that is the service, or the small init program that started it."""
    return [word.decode() for word in FIRST_PROCESS.read_bytes().split(b"\0") if word]


def address(service: str, environment: Mapping[str, str]) -> tuple[str, int]:
    """Host and port on which this machine reaches the service: those of its settings, or their defaults."""
    host, port = (environment.get(f"FORLOEB_{service.upper()}_{what}") for what in ("HOST", "PORT"))
    if not (host and port):
        # Only then: the settings take longer to import than all else here, and a health check runs often.
        module = importlib.import_module(f"services.{service}.settings")
        fields = getattr(module, f"{service.capitalize()}Settings").model_fields
        host = host or fields[f"{service}_host"].default
        port = port or fields[f"{service}_port"].default
    return ("127.0.0.1" if host in EVERY_ADDRESS else host, int(port))


def examine(service: str, *, ready: bool, environment: Mapping[str, str] = os.environ) -> int:
    """Exit code 0 where it answers that it is alive, or, with `ready`, that everything which it needs answers too."""
    host, port = address(service, environment)
    path = "/readyz" if ready else "/livez"
    try:
        status, told = _ask(host, port, path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"{service} gives no answer at {path} ({type(error).__name__}).", file=sys.stderr)  # noqa: T201 - a command
        return 1
    print(json.dumps(told))  # noqa: T201 - a command
    return 0 if status == HTTP_OK else 1


def _ask(host: str, port: int, path: str) -> tuple[int, object]:
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
