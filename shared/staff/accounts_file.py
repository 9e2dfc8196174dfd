"""The file of the accounts: read again whenever it has changed, so that who is removed is out at once; written whole or not at all."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from shared.staff.account import Account, AccountsError, read_accounts, without_demo, write_accounts

PRIVATE: Final = 0o600

log = structlog.get_logger(__name__)


class AccountsFile:
    """The accounts of `path`; without a path, or before there is a file, there are none. `demo`: those of a demo count too."""

    def __init__(self, path: Path | None, *, demo: bool = False) -> None:
        self._path = path
        self._demo = demo
        self._seen: object = None
        self._accounts: Mapping[str, Account] = {}

    def check(self) -> None:
        """Look at the file at the start.

        Raises:
            AccountsError: it cannot be read, or holds accounts of a demo where none runs.

        """
        accounts = read_file(self._path) if self._path else {}
        if not self._demo and len(without_demo(accounts)) < len(accounts):
            raise AccountsError("holds accounts of a demo, which anybody may know: `forloeb staff remove` them")

    def accounts(self) -> Mapping[str, Account]:
        """As they are now. Of a file that cannot be read nobody is let in: keeping the last state would overlook removals."""
        if self._path is None:
            return {}
        seen = _state(self._path)
        if seen != self._seen:
            try:
                found = read_file(self._path)
            except AccountsError:
                log.exception("staff-accounts-unreadable")
                found = {}
            self._accounts = found if self._demo else without_demo(found)
            self._seen = seen
        return self._accounts


def read_file(path: Path) -> dict[str, Account]:
    """The accounts of a file; none where there is no file.

    Raises:
        AccountsError: it cannot be read.

    """
    try:
        return read_accounts(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise AccountsError(f"the file cannot be read ({reason})") from None


def change_file(path: Path, change: Callable[[dict[str, Account]], None]) -> None:
    """Let `change` alter the accounts, and put the file in place of the old one, readable by its owner alone.

    The owner is that of the old file, or of the folder, so that root may change what a service reads.

    Raises:
        AccountsError: it cannot be read; whatever `change` raises leaves the file as it was.
        OSError: it cannot be written.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_name(f"{path.name}.lock")):
        accounts = read_file(path)
        change(accounts)
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(write_accounts(accounts.values()))
            file.flush()
            os.fsync(descriptor)
            _give(descriptor, to_owner_of=path if path.exists() else path.parent)
        draft.replace(path)


def _state(path: Path) -> tuple[int, int, int] | None:
    """Changes with the content: each writing makes another file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _give(descriptor: int, *, to_owner_of: Path) -> None:
    owner = to_owner_of.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two commands at once would each lose what the other has written."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
