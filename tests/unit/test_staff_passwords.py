"""Passwords of staff: how they are kept, and which are refused."""

import unicodedata

import pytest

from shared.staff.password_check import WAITING_MAX, BusyError, PasswordCheck
from shared.staff.passwords import fingerprint, hash_password, is_hash, matches, password_weakness
from tests.staff_accounts import PASSWORD, password_hash

SALT = b"sixteen bytes ??"


def test_a_password_matches_its_hash_and_nothing_else() -> None:
    """The hash holds its own salt and cost, and nothing of the password."""
    kept = password_hash()
    assert is_hash(kept)
    assert matches(PASSWORD, kept)
    assert not matches(PASSWORD + " ", kept)
    assert not matches("", kept)
    assert hash_password(PASSWORD, salt=SALT) != kept
    assert PASSWORD not in kept


def test_the_cost_is_no_less_than_what_is_recommended() -> None:
    """OWASP asks for Argon2id with 19 MiB and two passes at least."""
    costs = dict(part.split("=") for part in password_hash().split("$")[3].split(","))
    assert int(costs["m"]) >= 19 * 1024
    assert int(costs["t"]) >= 2


def test_letters_are_the_same_however_a_keyboard_puts_them_together() -> None:
    """An å may come as one character or as two."""
    typed = "åh den lange vinternat"
    kept = hash_password(unicodedata.normalize("NFD", typed), salt=SALT)
    assert matches(unicodedata.normalize("NFC", typed), kept)


@pytest.mark.parametrize(
    "text", ["", "secret", "$argon2i$v=19$m=1,t=1,p=1$abc$abc", "$2b$12$" + "a" * 53, "$argon2id$v=19$m=x,t=1,p=1$a$b"]
)
def test_what_is_no_hash_of_ours_is_known_as_such(text: str) -> None:
    """A password in clear, or another method, is refused with the file."""
    assert not is_hash(text)


@pytest.mark.parametrize(
    "password",
    [
        "kort",
        "elleve tegn",
        "x" * 201,
        "aaaaaaaaaaaaaaaa",
        "121212121212",
        "123456789012345",
        "password1234",
        "Adgangskode2026!",
        "Sommer2026!!!",
        "velkommen-forløb",
        "Qwertyuiop123",
        "anne.jensen2026",
        "kommunekommune1",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    """Too short, too long, one character over and over, common words with digits, and the account's own name."""
    assert password_weakness(password, account="anne.jensen")


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "åh den lange vinternat", "correct horse battery staple", "hbqk-zwtp-mvxs-jdfr", "7g!K2p#x9Lq%ab"],
)
def test_length_is_enough(password: str) -> None:
    """Nobody has to put digits and signs into it."""
    assert password_weakness(password, account="anne.jensen") is None


def test_a_fingerprint_changes_with_the_hash() -> None:
    """So that a session ends with the password it was opened by."""
    assert fingerprint(password_hash()) != fingerprint(hash_password(PASSWORD, salt=SALT))


@pytest.mark.anyio
async def test_an_account_that_there_is_not_costs_as_much_and_never_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    """One comparison either way; not even the stand-in's own password opens anything."""
    compared: list[str] = []

    def counted(password: str, kept: str) -> bool:
        compared.append(kept)
        return matches(password, kept)

    monkeypatch.setattr("shared.staff.password_check.matches", counted)
    check = PasswordCheck()
    assert await check.matches(PASSWORD, password_hash())
    assert not await check.matches(PASSWORD, None)
    assert not await check.matches("nobody's", None)
    costs = {kept.split("$")[3] for kept in compared}
    assert (len(compared), len(costs)) == (3, 1)


@pytest.mark.anyio
async def test_a_crowd_is_turned_away_before_it_costs_anything() -> None:
    """Each comparison takes tens of megabytes, so only so many may wait."""
    check = PasswordCheck()
    check._waiting = WAITING_MAX
    with pytest.raises(BusyError):
        await check.matches(PASSWORD, None)
