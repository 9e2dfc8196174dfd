"""`forloeb staff add|list|password|remove`: keeps the file of accounts; the services see each change at once."""

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

EXIT_FAULT = 1
EXIT_USAGE = 2
PASSWORD_LINE_CHARACTERS_MAX = 4_096
SALT_BYTES = 16

app = typer.Typer(no_args_is_help=True, help="Accounts of staff: coordinators and operators.")


class RoleOption(StrEnum):
    """The roles of `shared.staff.staff`, which the command line need not load to begin."""

    COORDINATOR = "coordinator"
    OPERATOR = "operator"


NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="3-40 characters: a-z, 0-9, dot, hyphen, underscore.")
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of the standard input.")
]


@app.command()
def add(
    name: NameArgument,
    *,
    role: Annotated[list[RoleOption], typer.Option("--role", help="May be given twice, for somebody who is both.")],
    password_stdin: PasswordStdin = False,
) -> None:
    """Make an account; asks for its password on the terminal, twice."""
    from shared.staff.keep_accounts import add_account  # noqa: PLC0415 - heavy
    from shared.staff.staff import ROLES  # noqa: PLC0415 - same

    account, roles, file = _name(name), tuple(one for one in ROLES if one in role), _file()
    with _faults_told():
        password = _password(from_stdin=password_stdin)
        salt = os.urandom(SALT_BYTES)
        add_account(file, account=account, roles=roles, password=password, salt=salt, now=datetime.now(UTC))
    print(f"{account} can log in now, as {' and '.join(roles)}.")


@app.command("list")
def list_accounts(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """All accounts with their roles."""
    from shared.staff.accounts_file import read_file  # noqa: PLC0415 - heavy

    file = _file()
    with _faults_told():
        accounts = [account for _, account in sorted(read_file(file).items())]
    if as_json:
        print(json.dumps([one.model_dump(mode="json", exclude={"password_hash"}) for one in accounts], indent=2))
        return
    for one in accounts:
        print(f"{one.account}\t{', '.join(one.roles)}\tsince {one.created_at:%Y-%m-%d}{' (demo)' if one.demo else ''}")
    if not accounts:
        print("There are no accounts: nobody can log in.")


@app.command()
def password(name: NameArgument, *, password_stdin: PasswordStdin = False) -> None:
    """Give an account another password; whoever is logged in with the old one is logged out."""
    from shared.staff.keep_accounts import set_password  # noqa: PLC0415 - heavy

    account, file = _name(name), _file()
    with _faults_told():
        set_password(file, account=account, password=_password(from_stdin=password_stdin), salt=os.urandom(SALT_BYTES))
    print(f"{account} has a new password.")


@app.command()
def remove(name: NameArgument) -> None:
    """Take an account away; whoever is logged in with it is logged out."""
    from shared.staff.keep_accounts import remove_account  # noqa: PLC0415 - heavy

    account, file = _name(name), _file()
    with _faults_told():
        remove_account(file, account=account)
    print(f"{account} is gone.")


def _name(typed: str) -> str:
    from shared.staff.staff import account_name  # noqa: PLC0415 - heavy

    try:
        return account_name(typed)
    except ValueError as error:
        _fail(_sentence(error), EXIT_USAGE)


def _file() -> Path:
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - heavy

    named = settings_environment().get("FORLOEB_STAFF_FILE")
    if not named:
        _fail("FORLOEB_STAFF_FILE names no file: set it as for the services (docs/staff.md).", EXIT_USAGE)
    return Path(named)


def _password(*, from_stdin: bool) -> str:
    """Never from an argument, which everybody on the machine can read."""
    try:
        if from_stdin:
            typed = sys.stdin.readline(PASSWORD_LINE_CHARACTERS_MAX).rstrip("\r\n")
        else:
            typed = getpass.getpass("Password (at least 12 characters, for example four words): ")
            if getpass.getpass("Once more: ") != typed:
                _fail("The two are not the same.")
        # Bytes that are no UTF-8 may have come through as halves of characters, which nobody could type on a page.
        typed.encode()
    except UnicodeError:
        _fail("The password is not UTF-8 text.")
    return typed


@contextmanager
def _faults_told() -> Iterator[None]:
    from shared.staff.account import AccountsError  # noqa: PLC0415 - heavy

    try:
        yield
    except AccountsError as error:
        _fail(_sentence(error))
    except OSError as error:
        _fail(f"The file of accounts cannot be written ({error.strerror}).")


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _fail(text: str, code: int = EXIT_FAULT) -> NoReturn:
    print(text, file=sys.stderr)
    raise typer.Exit(code)
