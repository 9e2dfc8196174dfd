"""Accounts of staff as they stand in their file: one JSON object a line, without any password. Pure."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.staff.passwords import is_hash
from shared.staff.staff import AccountName, Role

ACCOUNTS_MAX: Final = 1_000


class AccountsError(Exception):
    """The file cannot be used; the text says which line is wrong, and repeats nothing of it."""


class Account(BaseModel):
    """`demo`: made by a demo, and good for nothing elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    account: AccountName
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    password_hash: str
    created_at: AwareDatetime
    demo: bool = False

    @field_validator("password_hash")
    @classmethod
    def _hash(cls, value: str) -> str:
        if not is_hash(value):
            raise ValueError("is no Argon2id hash")
        return value


def read_accounts(text: str) -> dict[str, Account]:
    """The accounts by name; empty lines are passed over.

    Raises:
        AccountsError: a line is no account, a name stands there twice, or there are too many.

    """
    found: dict[str, Account] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            account = Account.model_validate_json(line)
        except ValidationError as error:
            fields = sorted({str(row["loc"][0]) for row in error.errors(include_input=False) if row["loc"]})
            raise AccountsError(f"line {number}: {', '.join(fields) or 'the line'} cannot be read") from None
        if account.account in found:
            raise AccountsError(f"line {number}: the account stands there twice")
        found[account.account] = account
    if len(found) > ACCOUNTS_MAX:
        raise AccountsError(f"there are more than {ACCOUNTS_MAX} accounts")
    return found


def write_accounts(accounts: Iterable[Account]) -> str:
    """The content of the file, by name."""
    rows = sorted(accounts, key=lambda one: one.account)
    return "".join(f"{one.model_dump_json(exclude_defaults=True)}\n" for one in rows)


def without_demo(accounts: Mapping[str, Account]) -> dict[str, Account]:
    return {name: account for name, account in accounts.items() if not account.demo}
