"""The file of accounts: what it may hold, how it is changed, and when a change counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.demo.staff import make_staff
from shared.staff.account import AccountsError, read_accounts, write_accounts
from shared.staff.accounts_file import AccountsFile, read_file
from shared.staff.keep_accounts import add_account, remove_account, set_password
from shared.staff.passwords import matches
from shared.staff.staff import account_name
from tests.staff_accounts import COORDINATOR, OPERATOR, PASSWORD, account, write_staff_file

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SALT = b"sixteen bytes ??"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_staff_file(tmp_path / "accounts")


def test_what_is_written_is_read_again() -> None:
    """One line each, by name; no password stands in it."""
    accounts = [account(OPERATOR), account(COORDINATOR, demo=True)]
    text = write_accounts(accounts)
    assert list(read_accounts(f"\n{text}\n").values()) == sorted(accounts, key=lambda one: one.account)
    assert PASSWORD not in text
    assert text.count("\n") == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("canary", "line 2: the line cannot be read"),
        ('{"account": "canary"}', "line 2: created_at, password_hash, roles cannot be read"),
        (write_accounts([account(OPERATOR)]).replace("operator", "canary"), "line 2: roles cannot be read"),
        (write_accounts([account(OPERATOR)]).replace('["operator"]', "[]"), "line 2: roles cannot be read"),
        (write_accounts([account(OPERATOR)]).replace("$argon2id$", "$canary$"), "line 2: password_hash cannot be read"),
        (write_accounts([account(COORDINATOR)]), "line 2: the account stands there twice"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_without_its_content(line: str, told: str) -> None:
    """A hash must not come to stand in a log."""
    with pytest.raises(AccountsError, match=told) as refused:
        read_accounts(write_accounts([account(COORDINATOR)]) + line)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["", "a", "ab", "anne@kommune.dk", "anne jensen", ".anne", "anne.", "æble", "a" * 41, "program"]
)
def test_a_name_that_could_be_something_else_is_no_account(name: str) -> None:
    """No mail address, since names stand in logs; nothing that a terminal or an address reads otherwise."""
    with pytest.raises(ValueError, match="an account has"):
        account_name(name)


def test_a_name_is_the_same_in_capitals() -> None:
    """Telephones begin a field with one."""
    assert account_name(" Anne.J ") == "anne.j"


def test_a_change_counts_at_once(file: Path) -> None:
    """Without a restart: a service reads the file again when it is another one."""
    accounts = AccountsFile(file)
    assert set(accounts.accounts()) >= {COORDINATOR, OPERATOR}
    remove_account(file, account=OPERATOR)
    assert OPERATOR not in accounts.accounts()
    add_account(file, account="ny.drift", roles=("operator",), password=PASSWORD, salt=SALT, now=NOW)
    set_password(file, account=COORDINATOR, password=f"{PASSWORD} og træer", salt=SALT)
    assert matches(PASSWORD, accounts.accounts()["ny.drift"].password_hash)
    assert not matches(PASSWORD, accounts.accounts()[COORDINATOR].password_hash)


def test_only_the_owner_can_read_the_file(file: Path) -> None:
    """Hashes can be tried out by whoever has them; and no draft is left behind."""
    remove_account(file, account=OPERATOR)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {one.name for one in file.parent.iterdir()} == {"accounts", "accounts.lock"}


def test_what_cannot_be_done_changes_nothing(file: Path) -> None:
    """An account twice, one that there is not, a weak password."""
    before = file.read_bytes()
    with pytest.raises(AccountsError, match="already"):
        add_account(file, account=OPERATOR, roles=("operator",), password=PASSWORD, salt=SALT, now=NOW)
    with pytest.raises(AccountsError, match="already"):
        add_account(file, account=OPERATOR, roles=("operator",), password=PASSWORD, salt=SALT, now=NOW, demo=True)
    with pytest.raises(AccountsError, match="no account"):
        remove_account(file, account="nobody")
    with pytest.raises(AccountsError, match="no account"):
        set_password(file, account="nobody", password=PASSWORD, salt=SALT)
    with pytest.raises(AccountsError, match="too short"):
        set_password(file, account=OPERATOR, password="kort", salt=SALT)
    assert file.read_bytes() == before


def test_before_there_is_a_file_nobody_can_log_in(tmp_path: Path) -> None:
    """There is no account that comes with the system."""
    missing = AccountsFile(tmp_path / "accounts")
    missing.check()
    assert (missing.accounts(), AccountsFile(None).accounts()) == ({}, {})


def test_of_a_file_that_cannot_be_read_nobody_is_let_in(file: Path) -> None:
    """To go on with the last state would overlook who was removed; and a service does not start with it."""
    accounts = AccountsFile(file)
    assert accounts.accounts()
    file.write_text("{", encoding="utf-8")
    assert accounts.accounts() == {}
    with pytest.raises(AccountsError, match="line 1"):
        accounts.check()
    write_staff_file(file)
    assert accounts.accounts()


def test_accounts_of_a_demo_count_in_a_demo_only(tmp_path: Path) -> None:
    """A service elsewhere does not start with them, and would not let them in."""
    file = tmp_path / "accounts"
    for _ in range(2):
        add_account(file, account="drift", roles=("operator",), password=PASSWORD, salt=SALT, now=NOW, demo=True)
    assert len(read_file(file)) == 1
    AccountsFile(file, demo=True).check()
    assert set(AccountsFile(file, demo=True).accounts()) == {"drift"}
    assert AccountsFile(file).accounts() == {}
    with pytest.raises(AccountsError, match="demo"):
        AccountsFile(file).check()
    set_password(file, account="drift", password=f"{PASSWORD} og træer", salt=SALT)
    AccountsFile(file).check()


def test_the_demo_draws_new_passwords_at_each_start(tmp_path: Path) -> None:
    """Its accounts are marked as a demo's; those that somebody made herself stay."""
    file = tmp_path / "accounts"
    add_account(file, account="anne.j", roles=("operator",), password=PASSWORD, salt=SALT, now=NOW)
    first, second = (make_staff(file, now=NOW) for _ in range(2))
    accounts = read_file(file)
    assert {name: one.demo for name, one in accounts.items()} == {"anne.j": False, "koordinator": True, "drift": True}
    for name, password in second.items():
        assert password != first[name]
        assert matches(password, accounts[name].password_hash)
