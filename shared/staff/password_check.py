"""Compares passwords one after the other in threads: each comparison takes tens of milliseconds and megabytes, on purpose."""

import asyncio
from typing import Final

from shared.staff.passwords import hash_password, matches

AT_ONCE_MAX: Final = 2
WAITING_MAX: Final = 16
"""About a second's work. Who comes when so many wait is asked to come again."""
NOBODYS_SALT: Final = b"nobody's account"


class BusyError(Exception):
    """Too many wait for their password to be compared."""


class PasswordCheck:
    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE_MAX)
        self._waiting = 0
        self._nobodys_hash: str | None = None

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password. Without a hash, for an account that there is not, False, after the same time.

        Raises:
            BusyError: too many wait.

        """
        if self._waiting >= WAITING_MAX:
            raise BusyError
        self._waiting += 1
        try:
            async with self._places:
                if self._nobodys_hash is None:
                    # For whoever comes first, whether the account is known or not.
                    self._nobodys_hash = await asyncio.to_thread(hash_password, "nobody's", salt=NOBODYS_SALT)
                right = await asyncio.to_thread(matches, password, password_hash or self._nobodys_hash)
        finally:
            self._waiting -= 1
        return right and password_hash is not None
