"""The folder of one embedded stack: its data, logs and secrets, and the record of what runs and where it is reached."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.ports import free_ports, is_free
from deploy.local.processes import PROJECT
from deploy.local.program import Started

PORT_NAMES = (
    "mongodb",
    "kafka",
    "kafka_2",
    "kafka_3",
    "kafka_controller",
    "kafka_controller_2",
    "kafka_controller_3",
    "smtp",
    "imap",
    "mail_web",
    "lmtp",
    "intake",
    "scheduler",
    "notifier",
    "monitor",
)


def _random_text() -> str:
    # Hexadecimal, so that no word can arise by chance that is refused as a known default.
    return secrets.token_hex(32)


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


# What a production system gets from its operators; here everybody's own stack makes its own.
SECRETS: dict[str, Callable[[], str]] = {
    "FORLOEB_MASTER_KEY": _random_key,
    "FORLOEB_LINK_SECRET": _random_text,
    "FORLOEB_STAFF_TOKEN": _random_text,
    "FORLOEB_INTAKE_API_TOKEN": _random_text,
}


class Home:
    """Files of one stack under `root`, by default `.forloeb` in the project, or where FORLOEB_HOME says.

    `data` is the folder of what the servers store: the demo has one of its own, which it empties.
    """

    def __init__(self, root: Path | None = None, *, data: str = "data") -> None:
        self.root = (root or Path(os.environ.get("FORLOEB_HOME") or PROJECT / ".forloeb")).resolve()
        self.logs = self.root / "logs"
        self.data = self.root / data
        self.addresses_file = self.root / "addresses.json"
        self.staff_file = self.root / "staff-accounts"
        self._programs_file = self.root / "programs.json"
        self._ports_file = self.root / "ports.json"
        self._secrets_file = self.root / "secrets.env"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Only one command at a time starts or stops programs here; the others wait."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def programs(self) -> list[Started]:
        """What was started and not stopped, in the order of starting; some of it may have ended since."""
        return [Started.from_row(row) for row in _read(self._programs_file, [])]

    def remember(self, programs: Iterable[Started]) -> None:
        _write(self._programs_file, [program.as_row() for program in programs])

    def addresses(self) -> dict[str, str | None] | None:
        """Where everything is reached; None where nothing runs."""
        addresses: dict[str, str | None] | None = _read(self.addresses_file, None)
        return addresses

    def write_addresses(self, addresses: dict[str, str | None]) -> None:
        _write(self.addresses_file, addresses)

    def forget(self) -> None:
        """Nothing runs any more; the data, the logs, the ports and the secrets stay for the next time."""
        self._programs_file.unlink(missing_ok=True)
        self.addresses_file.unlink(missing_ok=True)

    def ports(self, *, in_use_by_us: set[str]) -> dict[str, int]:
        """A port per name: the same as the last time wherever possible, so that links and bookmarks stay right."""
        kept: dict[str, int] = {
            name: port
            for name, port in _read(self._ports_file, {}).items()
            if name in PORT_NAMES and (name in in_use_by_us or is_free(port))
        }
        missing = [name for name in PORT_NAMES if name not in kept]
        candidates = [port for port in free_ports(len(PORT_NAMES)) if port not in kept.values()]
        ports = kept | dict(zip(missing, candidates, strict=False))
        _write(self._ports_file, ports)
        return ports

    def secrets(self) -> dict[str, str]:
        """Secrets of this stack alone, made at random when first asked for, and readable by this user only.

        With them, where the accounts of staff stand, without anybody's password.
        """
        known: dict[str, str] = {}
        if self._secrets_file.exists():
            lines = self._secrets_file.read_text(encoding="ascii").splitlines()
            known = dict(line.split("=", 1) for line in lines if "=" in line)
        missing = {name: make() for name, make in SECRETS.items() if name not in known}
        if missing:
            known |= missing
            descriptor = os.open(self._secrets_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.writelines(f"{name}={value}\n" for name, value in known.items())
        return known | {"FORLOEB_STAFF_FILE": str(self.staff_file)}


def _read(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def _write(path: Path, content: Any) -> None:
    # Never a half-written file, even after a crash in between.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
