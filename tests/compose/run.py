"""`make compose-test`: docker-compose.yml brought up whole, the demo's main job done on it and checked, and all of it taken down.

The last line is JSON, as of `make demo ONCE=1`. Where there is no Docker it says so and ends well, unless REQUIRE names docker.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from deploy.local.demo.mailpit import Mailpit
from deploy.local.demo.mails import Mails
from deploy.local.demo.outcome import Outcome, System
from deploy.local.demo.people import Applicants, RefusedError, Staff, browser
from deploy.local.demo.play import play
from deploy.local.demo.show import as_json, progress_on, show_checks, show_courses
from deploy.local.services import SERVICES
from tests.compose import images
from tests.compose.docker import PROJECT, DockerError, can_have, inspect, missing
from tests.compose.rights import rights_faults
from tests.compose.staff import staff_faults
from tests.compose.system import ComposeSystem, compose_system

REAL_FILE = PROJECT / "docker-compose.yml"
REAL_IMAGES = {"kafka": "apache/kafka:4.1.0", "mongodb": "mongo:8.0.17", "mailpit": "axllent/mailpit:v1.31.4"}
COLUMNS = 140


def main() -> int:
    notes = Console(stderr=True, width=COLUMNS)
    if why := missing():
        required = "docker" in os.environ.get("REQUIRE", "").split(",")
        notes.print(f"compose-test was not run: {why}.", highlight=False)
        return 1 if required else 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _test(Path(folder), notes)
    except (DockerError, RefusedError) as error:
        notes.print(str(error), markup=False, highlight=False)
        return 1


def _test(folder: Path, notes: Console) -> int:
    begun = time.monotonic()
    base = images.base_image()
    replaced = [service for service, image in REAL_IMAGES.items() if not can_have(image)]
    for service in replaced:
        images.make_stand_in(service, base=base)
    notes.print("Stand-ins:", ", ".join(replaced) or "none", "- base:", base, highlight=False)
    files = [REAL_FILE, *(images.HERE / f"{service}.stand-in.yml" for service in replaced)]
    with compose_system(files, base=base, folder=folder) as system:
        system.build()
        built = time.monotonic() - begun
        try:
            up = system.up()
            faults = [*confinement_faults(system), *rights_faults(system), *staff_faults(system)]
            notes.print(f"Images there after {built:.0f} s; everything up and healthy after {up:.0f} s more.")
            outcome = _play(system, notes)
        except (DockerError, RefusedError):
            notes.print(system.last_words(), markup=False, highlight=False)
            raise
        return _tell(system, outcome, faults, seconds=time.monotonic() - begun, up=up)


def _play(system: ComposeSystem, notes: Console) -> Outcome:
    with progress_on(notes) as report, browser() as client:
        people = System(
            applicants=Applicants(client, system.address("intake")),
            staff=Staff(client, system.address("scheduler"), system.settings["FORLOEB_STAFF_TOKEN"]),
            mails=Mails(client, system.address("notifier"), system.settings["FORLOEB_STAFF_TOKEN"]),
            mailboxes=Mailpit(client, system.address("mailpit")),
            returns_mail=False,
        )
        return play(people, report=report)


def _tell(system: ComposeSystem, outcome: Outcome, faults: Sequence[str], *, seconds: float, up: float) -> int:
    console = Console(width=COLUMNS)
    memory_mb = system.memory_mb(SERVICES)
    show_courses(console, outcome)
    show_checks(console, outcome, memory_mb)
    for fault in faults:
        console.print(f"[bold red]Wrong:[/] {fault}")
    image = inspect([system.containers()["intake"]["Image"]])[0]
    figures = {"seconds_up": round(up, 1), "image_mb": round(image["Size"] / 1_000_000)}
    sys.stdout.write(json.dumps(as_json(outcome, seconds=seconds, memory_mb=memory_mb) | figures) + "\n")
    return 1 if outcome.faults or faults else 0


def confinement_faults(system: ComposeSystem) -> list[str]:
    """What of the confinement that the file asks for is not so in the running containers; and ports open to others."""
    faults = []
    for name, container in system.containers().items():
        host, user = container["HostConfig"], container["Config"]["User"]
        if name in SERVICES and not (user.split(":")[0].isdigit() and int(user.split(":")[0]) > 10_000):
            faults.append(f"{name} runs as user {user or 'root'}")
        if name in SERVICES and not host["ReadonlyRootfs"]:
            faults.append(f"{name} can write to its root")
        if any(mount["RW"] for mount in container["Mounts"] if name in SERVICES):
            faults.append(f"{name} can write to a volume")
        if host["CapDrop"] != ["ALL"] or host["Privileged"]:
            faults.append(f"{name} has capabilities")
        if not host["Memory"]:
            faults.append(f"{name} has no memory limit")
        for ports in container["NetworkSettings"]["Ports"].values():
            faults += [
                f"{name} is published to {port['HostIp']}" for port in ports or () if port["HostIp"] != "127.0.0.1"
            ]
    return faults


if __name__ == "__main__":
    raise SystemExit(main())
