"""The demo's own accounts of staff, with new passwords at each start, which only its terminal shows."""

import secrets
from datetime import datetime
from pathlib import Path
from string import ascii_lowercase
from typing import Final

from shared.staff.keep_accounts import add_account
from shared.staff.staff import Role

COORDINATOR: Final = "koordinator"
OPERATOR: Final = "drift"
ACCOUNTS: Final[dict[str, tuple[Role, ...]]] = {COORDINATOR: ("coordinator",), OPERATOR: ("operator",)}
GROUPS, LETTERS_PER_GROUP = 4, 4
SALT_BYTES: Final = 16


def make_staff(file: Path, *, now: datetime) -> dict[str, str]:
    """The password of each account. Marked as a demo's, so that a production system refuses them."""
    passwords = {name: _password() for name in ACCOUNTS}
    for name, roles in ACCOUNTS.items():
        salt = secrets.token_bytes(SALT_BYTES)
        add_account(file, account=name, roles=roles, password=passwords[name], salt=salt, now=now, demo=True)
    return passwords


def _password() -> str:
    """75 bits in letters that are quickly typed."""
    return "-".join("".join(secrets.choice(ascii_lowercase) for _ in range(LETTERS_PER_GROUP)) for _ in range(GROUPS))
