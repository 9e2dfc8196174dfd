"""The system of docker-compose.yml as one Compose project of its own: its own `.env`, ports, network and volumes."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.ports import free_ports
from tests.compose.docker import BUILD_SECONDS, DockerError, compose_command, inspect, run

UP_SECONDS = 600
HEALTHY_SECONDS = 180
DOWN_SECONDS = 180
POLL_SECONDS = 0.5
PUBLISHED = ("INTAKE", "SCHEDULER", "NOTIFIER", "MONITOR", "MAILPIT")
JOBS = ("prepare", "sample-roster")
LOG_LINES = "40"


@dataclass(frozen=True)
class ComposeSystem:
    """`files` are the real file and what is laid over it; `settings` the content of `.env`."""

    project: str
    files: Sequence[Path]
    settings_file: Path
    settings: Mapping[str, str]

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.settings[f'PORT_{name.upper()}']}"

    def compose(self, *words: str, seconds: float, shown: bool = False, given: str | None = None) -> str:
        options = ["--project-name", self.project, "--env-file", str(self.settings_file)]
        for file in self.files:
            options += ["--file", str(file)]
        # The settings come from the file alone: what this shell holds would win over it.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FORLOEB_", "PORT_"))}
        environment = kept | {"COMPOSE_PROFILES": self.settings["COMPOSE_PROFILES"], "DOCKER_BUILDKIT": "0"}
        command = (*compose_command(), *options, *words)
        return run(*command, seconds=seconds, environment=environment, shown=shown, given=given)

    def build(self) -> None:
        self.compose("build", "prepare", seconds=BUILD_SECONDS)

    def up(self) -> float:
        """Bring everything up and wait until all of it is healthy and the jobs are done; the seconds that this took."""
        begun = time.monotonic()
        self.compose("up", "--detach", seconds=UP_SECONDS)
        # Counted from here: Compose itself has waited for what the services depend on.
        deadline = time.monotonic() + HEALTHY_SECONDS
        while lacking := [name for name, state in self.states().items() if state not in ("healthy", "done")]:
            if time.monotonic() > deadline:
                raise DockerError(f"not healthy after {HEALTHY_SECONDS} s: {', '.join(sorted(lacking))}")
            time.sleep(POLL_SECONDS)
        return time.monotonic() - begun

    def containers(self) -> dict[str, dict[str, Any]]:
        """What Docker knows of each, by the name of its service."""
        project = f"label=com.docker.compose.project={self.project}"
        ids = run("docker", "ps", "--all", "--quiet", "--filter", project, seconds=60).split()
        return {row["Config"]["Labels"]["com.docker.compose.service"]: row for row in inspect(ids)}

    def states(self) -> dict[str, str]:
        """`healthy`, `done` for a job that ended well, or what else Docker says.

        Raises:
            DockerError: a job ended badly, or a service does not run any more.

        """
        found = {}
        for name, container in self.containers().items():
            state = container["State"]
            if state["Status"] == "exited":
                if state["ExitCode"] or name not in JOBS:
                    raise DockerError(f"{name} ended with exit code {state['ExitCode']}")
                found[name] = "done"
            else:
                found[name] = state.get("Health", {}).get("Status", state["Status"])
        return found

    def memory_mb(self, names: Sequence[str]) -> dict[str, int]:
        """What the containers of these services hold, by Docker's own count."""
        ids = {row["Id"]: name for name, row in self.containers().items() if name in names}
        answer = run("docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}", *ids, seconds=60)
        rows = [line.split()[:2] for line in answer.splitlines()]
        found = {name: _megabytes(size) for short, size in rows for long, name in ids.items() if long.startswith(short)}
        return {name: found[name] for name in names}

    def last_words(self) -> str:
        return self.compose("logs", "--no-color", "--tail", LOG_LINES, seconds=60)

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20", seconds=DOWN_SECONDS)


def _megabytes(size: str) -> int:
    """Of "93.5MiB" or "1.2GiB"."""
    factor = {"K": 1 / 1024, "M": 1, "G": 1024}[size[-3]]
    return round(float(size[:-3]) * factor)


@contextmanager
def compose_system(files: Sequence[Path], *, base: str, folder: Path) -> Iterator[ComposeSystem]:
    """A system of its own, not up yet; taken down with its volumes at the end, whatever happens."""
    number = os.getpid() % 250
    settings_file = folder / ".env"
    run("deploy/compose/env.sh", "demo", seconds=60, environment=os.environ | {"ENV_FILE": str(settings_file)})
    ports = dict(zip(PUBLISHED, free_ports(len(PUBLISHED)), strict=True))
    more = {f"PORT_{name}": str(port) for name, port in ports.items()} | {
        "FORLOEB_PUBLIC_URL": f"http://127.0.0.1:{ports['INTAKE']}",
        "FORLOEB_SUBNET": f"10.214.{number}.0/24",
        "FORLOEB_TRUSTED_PROXIES": f"10.214.{number}.1/32",
        "BASE_IMAGE": base,
    }
    with settings_file.open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in more.items())
    rows = [
        line for line in settings_file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    settings = dict(row.split("=", 1) for row in rows)
    system = ComposeSystem(f"forloeb-compose-test-{os.getpid()}", files, settings_file, settings)
    try:
        yield system
    finally:
        system.down()
