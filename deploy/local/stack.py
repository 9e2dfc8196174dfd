"""Brings the embedded stack up and down: servers first, then topics and indexes, then the services."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploy.local import probes, processes
from deploy.local.home import PORT_NAMES, Home
from deploy.local.leash import Leash
from deploy.local.probes import NotReadyError
from deploy.local.program import Program, Started
from deploy.local.servers import server_addresses, server_programs
from deploy.local.services import SERVICES, service_addresses, service_programs, service_settings
from shared.errors import DependencyDownError
from shared.settings import CommonSettings, SettingsError, load

Say = Callable[[str], None]
Addresses = dict[str, str | None]

START_SECONDS = 120
STOP_SECONDS = 40
STATUS_SECONDS = 3
# Ports by the program that listens on them, where the two names differ.
PORT_OWNERS = {
    "smtp": "mail",
    "imap": "mail",
    "mail_web": "mail",
    "lmtp": "intake",
    "kafka_controller": "kafka",
    "kafka_controller_2": "kafka_2",
    "kafka_controller_3": "kafka_3",
}


class Stack:
    """The programs of one home. `up` starts what is missing, so it may be called again after something has died."""

    def __init__(
        self, home: Home, *, kafka: str = "noida", servers_only: bool = False, leash: Leash | None = None
    ) -> None:
        self.home = home
        self._kafka = kafka
        self._servers_only = servers_only
        self._leash = leash

    def up(self, say: Say) -> Addresses:
        """Start what does not run yet, and return where everything is reached once all of it answers.

        Not from a running event loop: use `asyncio.to_thread`.

        Raises:
            NotReadyError: something ended or does not answer; what this call had started is stopped again.

        """
        with self.home.lock():
            before = {program.running.pid for program in self._alive()}
            try:
                return self._up(say)
            except BaseException:
                fresh = [program for program in self.home.programs() if program.running.pid not in before]
                self._stop(fresh)
                raise

    def _up(self, say: Say) -> Addresses:
        alive = {program.running.name for program in self._alive()}
        ports = self.home.ports(in_use_by_us={name for name in PORT_NAMES if PORT_OWNERS.get(name, name) in alive})
        addresses = server_addresses(ports, kafka=self._kafka) | service_addresses(ports)
        servers = server_programs(self.home, ports, kafka=self._kafka)
        wanted = {program.name for program in servers} | set(SERVICES)
        self._stop([program for program in self.home.programs() if program.running.name not in wanted])
        self._start(servers, say)
        self.home.write_addresses(addresses)
        if not self._servers_only:
            settings = service_settings(addresses, ports, self.home.secrets())
            asyncio.run(prepare(settings))
            self._start(service_programs(addresses, settings), say)
        return addresses

    def _start(self, programs: list[Program], say: Say) -> None:
        started = [self._ensure(program, say) for program in programs]
        asyncio.run(_all_ready(started))

    def _ensure(self, program: Program, say: Say) -> Started:
        known = self.home.programs()
        old = next((each for each in known if each.running.name == program.name), None)
        if old is not None and old.running.alive:
            if old.fingerprint == program.fingerprint:
                return old
            say(f"{program.name} runs with other settings and is started again")
            processes.stop([old.running], patience_seconds=STOP_SECONDS)
        if program.prepare is not None:
            program.prepare()
        log = self.home.logs / f"{program.name}.log"
        running = processes.spawn(program.name, program.command, log=log, environment=os.environ | program.environment)
        if self._leash is not None:
            self._leash.hold(running)
        fresh = Started(running=running, fingerprint=program.fingerprint, asks=program.asks)
        self.home.remember([*(each for each in known if each is not old), fresh])
        say(f"{program.name} is starting (process {running.pid}, log {log})")
        return fresh

    def down(self, *, patience_seconds: float = STOP_SECONDS) -> list[str]:
        """Stop everything, the services before the servers; return the names of what was still running.

        What has not ended after `patience_seconds` is killed; 0 is for a stack whose folder is thrown away.
        """
        with self.home.lock():
            names = [program.running.name for program in self._alive()]
            self._stop(self.home.programs(), patience_seconds=patience_seconds)
            self.home.forget()
        return names

    def _stop(self, programs: list[Started], *, patience_seconds: float = STOP_SECONDS) -> None:
        services = [program.running for program in programs if program.running.name in SERVICES]
        servers = [program.running for program in programs if program.running.name not in SERVICES]
        for layer in (services, servers):
            processes.stop(layer[::-1], patience_seconds=patience_seconds)
        gone = {program.running.pid for program in programs}
        self.home.remember(program for program in self.home.programs() if program.running.pid not in gone)

    def status(self) -> dict[str, str]:
        """Each program that was started: "up", "not ready" or "ended"."""
        return asyncio.run(_states(self.home.programs()))

    def ended(self) -> list[Started]:
        """Programs that have died although nobody stopped them."""
        return [program for program in self.home.programs() if not program.running.alive]

    def _alive(self) -> list[Started]:
        return [program for program in self.home.programs() if program.running.alive]


@contextmanager
def held_stack(
    home: Home, *, say: Say, kafka: str = "noida", servers_only: bool = False, patience_seconds: float = STOP_SECONDS
) -> Iterator[Stack]:
    """A stack that is up for as long as the block, and no longer than this process, even if that is killed."""
    leash = Leash()
    stack = Stack(home, kafka=kafka, servers_only=servers_only, leash=leash)
    try:
        stack.up(say)
        yield stack
    finally:
        stack.down(patience_seconds=patience_seconds)
        leash.let_go()


async def prepare(settings: dict[str, str]) -> None:
    """Topics and indexes, before the first service starts."""
    from deploy.preparation import prepare_indexes, prepare_topics  # noqa: PLC0415 - knows every service's store

    try:
        loaded = load(CommonSettings, os.environ | settings)
        await asyncio.gather(prepare_topics(loaded), prepare_indexes(loaded))
    except (SettingsError, DependencyDownError) as error:
        raise NotReadyError(f"Topics and indexes could not be made: {error}") from error


async def _all_ready(programs: list[Started]) -> None:
    await asyncio.gather(
        *(probes.wait_until_ready(program.running, program.asks, timeout_seconds=START_SECONDS) for program in programs)
    )


async def _states(programs: list[Started]) -> dict[str, str]:
    async def state(program: Started) -> str:
        if not program.running.alive:
            return "ended"
        try:
            await probes.wait_until_ready(program.running, program.asks, timeout_seconds=STATUS_SECONDS)
        except NotReadyError:
            return "not ready"
        return "up"

    states = await asyncio.gather(*(state(program) for program in programs))
    return {program.running.name: text for program, text in zip(programs, states, strict=True)}
