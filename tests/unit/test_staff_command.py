"""`forloeb staff`: accounts are made, listed, changed and removed, and no password is ever shown or taken as an argument."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.accounts.cli import RoleOption
from services.cli import app
from shared.staff.accounts_file import read_file
from shared.staff.passwords import matches
from shared.staff.staff import ROLES
from tests.staff_accounts import PASSWORD

NEW = "helt andre ord om skyer"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORLOEB_STAFF_FILE", str(tmp_path / "staff" / "accounts"))
    monkeypatch.setenv("FORLOEB_HOME", str(tmp_path / "home"))
    return tmp_path / "staff" / "accounts"


def staff(*words: str, typed: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["staff", *words], input=typed)


def add(name: str = "anne.j", *more: str, password: str = PASSWORD) -> Result:
    return staff("add", name, "--role", "coordinator", "--password-stdin", *more, typed=f"{password}\nrest\n")


def test_an_account_is_made_listed_and_removed(file: Path) -> None:
    """In the folder that is named, which need not be there yet."""
    assert add("Anne.J", "--role", "operator").output == "anne.j can log in now, as coordinator and operator.\n"
    (made,) = read_file(file).values()
    assert (made.account, made.roles, made.demo) == ("anne.j", ("coordinator", "operator"), False)
    assert matches(PASSWORD, made.password_hash)
    assert "anne.j\tcoordinator, operator" in staff("list").output
    listed = staff("list", "--json").output
    assert [row["account"] for row in json.loads(listed)] == ["anne.j"]
    assert "argon2" not in listed
    assert staff("remove", "anne.j").exit_code == 0
    assert (read_file(file), "nobody can log in" in staff("list").output) == ({}, True)


def test_the_password_is_asked_for_twice(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees what she types; two that differ make no account."""
    typed = iter([PASSWORD, PASSWORD, NEW, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert staff("add", "anne.j", "--role", "operator").exit_code == 0
    assert staff("password", "anne.j").exit_code == 1
    assert matches(PASSWORD, read_file(file)["anne.j"].password_hash)


def test_a_password_that_is_no_text_is_refused_in_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Piped in another encoding, or typed on a terminal that sends one: never an error that shows a part of it."""
    asked = staff("add", "anne.j", "--role", "operator", "--password-stdin", typed=b"k\xf8rrekt hest batteri klamme\n")
    typed = "k\udcf8rrekt hest batteri klamme"
    monkeypatch.setattr("getpass.getpass", lambda _prompt: typed)
    for answer in (asked, staff("add", "anne.j", "--role", "operator")):
        assert (answer.exit_code, answer.stderr) == (1, "The password is not UTF-8 text.\n")
    assert read_file(file) == {}


def test_another_password_takes_the_place_of_the_first(file: Path) -> None:
    """The account keeps its role."""
    add()
    assert staff("password", "anne.j", "--password-stdin", typed=NEW).exit_code == 0
    made = read_file(file)["anne.j"]
    assert (matches(NEW, made.password_hash), matches(PASSWORD, made.password_hash)) == (True, False)
    assert made.roles == ("coordinator",)


@pytest.mark.parametrize(
    ("words", "typed", "code", "told"),
    [
        (
            ("add", "anne.j", "--role", "coordinator", "--password-stdin"),
            PASSWORD,
            1,
            "There is an account anne.j already.",
        ),
        (("add", "ny", "--role", "coordinator", "--password-stdin"), PASSWORD, 2, "An account has 3-40 characters"),
        (("add", "a@b.dk", "--role", "coordinator", "--password-stdin"), PASSWORD, 2, "An account has 3-40 characters"),
        (("add", "bo.b", "--role", "boss", "--password-stdin"), PASSWORD, 2, "boss"),
        (("add", "bo.b", "--password-stdin"), PASSWORD, 2, "--role"),
        (("add", "bo.b", "--role", "operator", "--password-stdin"), "kort", 1, "The password is too short"),
        (("add", "bo.b", "--role", "operator", "--password-stdin"), "", 1, "The password is too short"),
        (("password", "bo.b", "--password-stdin"), PASSWORD, 1, "There is no account bo.b."),
        (("remove", "bo.b"), "", 1, "There is no account bo.b."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    file: Path, words: tuple[str, ...], typed: str, code: int, told: str
) -> None:
    """And changes nothing."""
    add()
    before = file.read_bytes()
    refused = staff(*words, typed=typed)
    assert (refused.exit_code, told in refused.output) == (code, True), refused.output
    assert file.read_bytes() == before


def test_no_command_takes_a_password_as_argument() -> None:
    """Everybody on the machine can read those."""
    for command in ("add", "password"):
        told = staff(command, "--help").output
        assert "--password-stdin" in told
        assert "--password " not in told


def test_where_no_file_is_named_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In place of one that no service reads."""
    monkeypatch.delenv("FORLOEB_STAFF_FILE", raising=False)
    monkeypatch.setenv("FORLOEB_HOME", str(tmp_path))
    refused = staff("list")
    assert (refused.exit_code, "FORLOEB_STAFF_FILE" in refused.output) == (2, True)


def test_the_command_offers_every_role_that_there_is() -> None:
    """It names them itself, so that it starts fast."""
    assert {str(one) for one in RoleOption} == set(ROLES)
