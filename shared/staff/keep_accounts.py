"""What may be done to the accounts in their file: add, give another password, remove."""

from datetime import datetime
from pathlib import Path

from shared.staff.account import ACCOUNTS_MAX, Account, AccountsError
from shared.staff.accounts_file import change_file
from shared.staff.passwords import hash_password, password_weakness
from shared.staff.staff import Role


def add_account(
    file: Path,
    *,
    account: str,
    roles: tuple[Role, ...],
    password: str,
    salt: bytes,
    now: datetime,
    demo: bool = False,
) -> None:
    """A new account; one of a demo is made anew by the next demo.

    Raises:
        AccountsError: there is one of this name, the password is no good, or the file is none of accounts.
        OSError: the file cannot be written.

    """
    _check_password(password, account)
    made = Account(
        account=account, roles=roles, password_hash=hash_password(password, salt=salt), created_at=now, demo=demo
    )

    def change(accounts: dict[str, Account]) -> None:
        before = accounts.get(account)
        if before is not None and not (demo and before.demo):
            raise AccountsError(f"there is an account {account} already")
        if len(accounts) >= ACCOUNTS_MAX:
            raise AccountsError(f"there are {ACCOUNTS_MAX} accounts already")
        accounts[account] = made

    change_file(file, change)


def set_password(file: Path, *, account: str, password: str, salt: bytes) -> None:
    """Another password; whoever is logged in with the old one is logged out.

    Raises:
        AccountsError: there is no such account, the password is no good, or the file is none of accounts.
        OSError: the file cannot be written.

    """
    _check_password(password, account)
    password_hash = hash_password(password, salt=salt)

    def change(accounts: dict[str, Account]) -> None:
        _require(accounts, account)
        accounts[account] = accounts[account].model_copy(update={"password_hash": password_hash, "demo": False})

    change_file(file, change)


def remove_account(file: Path, *, account: str) -> None:
    """Whoever is logged in with it is logged out.

    Raises:
        AccountsError: there is no such account, or the file is none of accounts.
        OSError: the file cannot be written.

    """

    def change(accounts: dict[str, Account]) -> None:
        _require(accounts, account)
        del accounts[account]

    change_file(file, change)


def _require(accounts: dict[str, Account], account: str) -> None:
    if account not in accounts:
        raise AccountsError(f"there is no account {account}")


def _check_password(password: str, account: str) -> None:
    weakness = password_weakness(password, account=account)
    if weakness:
        raise AccountsError(f"the password {weakness}")
