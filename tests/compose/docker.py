"""Docker's command line, as the compose test uses it."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 20
PULL_SECONDS = 600
BUILD_SECONDS = 1200


class DockerError(Exception):
    """A command of Docker's failed; the message holds the end of what it said."""


def missing() -> str | None:
    """Why there is no Docker to work with; None where there is."""
    if shutil.which("docker") is None:
        return "there is no docker on this machine"
    try:
        subprocess.run(["docker", "version"], capture_output=True, check=True, timeout=ANSWER_SECONDS)
    except (subprocess.SubprocessError, OSError):
        return "no Docker engine answers on this machine"
    try:
        compose_command()
    except DockerError as error:
        return str(error)
    return None


@cache
def compose_command() -> tuple[str, ...]:
    """`docker compose`, or the older `docker-compose`."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            return command
    raise DockerError("there is no Docker Compose on this machine")


def run(
    *command: str,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    shown: bool = False,
    given: str | None = None,
) -> str:
    """What the command printed; with `shown` it prints for itself. `given` is its standard input, by default our own.

    Raises:
        DockerError: it failed, or took too long.

    """
    pipe = None if shown else subprocess.PIPE
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=pipe,
            stderr=pipe,
            text=True,
            timeout=seconds,
            check=False,
            input=given,
        )
    except subprocess.TimeoutExpired:
        raise DockerError(f"{' '.join(command[:4])} took longer than {seconds:.0f} s") from None
    if done.returncode:
        raise DockerError(f"{' '.join(command[:4])} failed: {((done.stdout or '') + (done.stderr or ''))[-3000:]}")
    return done.stdout or ""


def has_image(name: str) -> bool:
    try:
        run("docker", "image", "inspect", name, seconds=ANSWER_SECONDS)
    except DockerError:
        return False
    return True


def can_have(name: str) -> bool:
    """Whether the image is here, or can be pulled."""
    if has_image(name):
        return True
    try:
        run("docker", "pull", "--quiet", name, seconds=PULL_SECONDS)
    except DockerError:
        return False
    return True


def inspect(names: Sequence[str]) -> list[dict[str, Any]]:
    """What Docker knows of these containers or images."""
    found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *names, seconds=ANSWER_SECONDS)) if names else []
    return found
