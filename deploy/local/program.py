"""What a program of the stack is: how it is started, and what must answer before it counts as ready."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from deploy.local.processes import Running


@dataclass(frozen=True, kw_only=True)
class Program:
    """`environment` comes on top of the one that this command runs in; `asks` are (protocol, address) pairs of probes.py."""

    name: str
    command: tuple[str, ...]
    asks: tuple[tuple[str, str], ...]
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None

    @property
    def fingerprint(self) -> str:
        """Changes with whatever makes a restart necessary."""
        how = json.dumps([self.command, self.environment], sort_keys=True)
        return hashlib.sha256(how.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Started:
    """A program that was started, as it is remembered between two commands."""

    running: Running
    fingerprint: str
    asks: tuple[tuple[str, str], ...]

    def as_row(self) -> dict[str, Any]:
        return asdict(self) | {"running": asdict(self.running) | {"log": str(self.running.log)}}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        running = Running(**(row["running"] | {"log": Path(row["running"]["log"])}))
        asks = tuple((protocol, address) for protocol, address in row["asks"])
        return cls(running=running, fingerprint=row["fingerprint"], asks=asks)
