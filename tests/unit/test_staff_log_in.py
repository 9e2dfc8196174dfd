"""The log-in without its pages: who gets in, for how long, and how often one may try."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from shared.errors import DependencyDownError
from shared.staff import throttle
from shared.staff.accounts_file import AccountsFile
from shared.staff.keep_accounts import remove_account, set_password
from shared.staff.log_in import log_in, log_out
from shared.staff.password_check import PasswordCheck
from shared.staff.sessions import Sessions, digest
from shared.staff.throttle import Throttle
from tests.staff_accounts import BOTH, COORDINATOR, OPERATOR, PASSWORD, write_staff_file
from tests.staff_stores import Clock, FakeAttempts, FakeSessions

HERE, ELSEWHERE = "192.0.2.0/24", "198.51.100.0/24"
pytestmark = pytest.mark.anyio


class Instant(PasswordCheck):
    """Compares without the cost."""

    async def matches(self, password: str, password_hash: str | None) -> bool:
        return password_hash is not None and password == PASSWORD


class Door:
    def __init__(self, file: Path) -> None:
        self.file = write_staff_file(file)
        self.clock, self.rows, self.attempts = Clock(), FakeSessions(), FakeAttempts()
        self.accounts = AccountsFile(self.file).accounts
        self.sessions = Sessions(store=self.rows, accounts=self.accounts, clock=self.clock)
        self.throttle = Throttle(store=self.attempts, key=b"k", clock=self.clock)

    async def enter(self, account: str = COORDINATOR, password: str = PASSWORD, **more: Any) -> str | None:
        options = {"network": HERE, "token": "t", "before": None} | more
        return await log_in(
            account=account,
            password=password,
            accounts=self.accounts,
            throttle=self.throttle,
            check=Instant(),
            sessions=self.sessions,
            **options,
        )

    async def who(self, token: str = "t", *, present: bool = True) -> str | None:
        found = await self.sessions.find(token, present=present)
        return found.account if found else None


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path / "accounts")


async def test_who_knows_the_password_is_in(door: Door) -> None:
    """With the roles of her account; the database holds the digest of what her browser has."""
    assert await door.enter(f" {BOTH.upper()}") is None
    found = await door.sessions.find("t", present=True)
    assert found
    assert (found.account, found.roles) == (BOTH, {"coordinator", "operator"})
    assert list(door.rows.rows) == [digest("t")]
    assert await door.who("another") is None


async def test_a_wrong_password_and_an_unknown_account_are_refused_alike(door: Door) -> None:
    """And so is a password that nobody would type."""
    assert await door.enter(password="wrong") == "wrong"
    assert await door.enter("nobody") == "wrong"
    assert await door.enter(password=PASSWORD + "x" * 200) == "wrong"
    assert door.rows.rows == {}


async def test_a_session_left_alone_ends_and_one_in_use_goes_on(door: Door) -> None:
    """Half an hour after the last page that she opened; what scripts fetch does not count as being there."""
    await door.enter()
    for _ in range(4):
        door.clock.on(minutes=29)
        assert await door.who() == COORDINATOR
    door.clock.on(minutes=29)
    assert await door.who(present=False) == COORDINATOR
    door.clock.on(minutes=1)
    assert await door.who() is None
    assert door.rows.rows == {}


async def test_no_session_outlasts_a_working_day(door: Door) -> None:
    """Twelve hours, however busy she is; and the server's own clearing away comes no later."""
    await door.enter()
    opened = door.clock.now
    while await door.who():
        (row,) = door.rows.rows.values()
        door.clock.on(minutes=20)
    assert (door.clock.now - opened).total_seconds() == 12 * 3600
    assert (row["expires_at"] - opened).total_seconds() <= 12 * 3600


async def test_logging_out_ends_it_on_the_server(door: Door) -> None:
    """Whoever has copied the cookie has nothing; a second time does no harm."""
    await door.enter()
    for _ in range(2):
        await log_out(token="t", sessions=door.sessions)
        assert await door.who() is None
    await log_out(token=None, sessions=door.sessions)


async def test_logging_in_anew_ends_what_the_browser_had(door: Door) -> None:
    """Nobody can be given a session that somebody else knows."""
    await door.enter()
    await door.enter(OPERATOR, token="new", before="t")
    assert (await door.who(), await door.who("new")) == (None, OPERATOR)


@pytest.mark.parametrize("change", ["removed", "other password", "unreadable"])
async def test_who_is_out_of_the_file_is_out(door: Door, change: str) -> None:
    """At her next request, without a restart."""
    await door.enter()
    await door.enter(OPERATOR, token="other")
    if change == "removed":
        remove_account(door.file, account=COORDINATOR)
    elif change == "other password":
        set_password(door.file, account=COORDINATOR, password=f"{PASSWORD} og træer", salt=b"sixteen bytes ??")
    else:
        door.file.write_text("{", encoding="utf-8")
    assert await door.who() is None
    assert await door.who("other") == (None if change == "unreadable" else OPERATOR)


async def test_guessing_one_account_from_one_network_ends_soon(door: Door) -> None:
    """For good passwords too, until the next quarter of an hour; from elsewhere she can still log in."""
    for _ in range(throttle.PAIR_MAX):
        assert await door.enter(password="wrong") == "wrong"
    assert await door.enter() == "throttled"
    assert await door.enter(network=ELSEWHERE) is None
    door.clock.on(minutes=15)
    assert await door.enter() is None


async def test_an_account_that_there_is_not_is_locked_like_any_other(door: Door) -> None:
    """Or one could find out which there are."""
    answers = [await door.enter("nobody") for _ in range(throttle.PAIR_MAX + 1)]
    assert answers == ["wrong"] * throttle.PAIR_MAX + ["throttled"]


async def test_guessing_many_accounts_from_one_network_ends_soon(door: Door) -> None:
    """And uses up nothing of the others: not of the accounts, not of the limit for all."""
    for number in range(throttle.NETWORK_MAX + 200):
        await door.enter(f"guess-{number}", "wrong")
    assert await door.enter() == "throttled"
    assert await door.enter(network=ELSEWHERE) is None


async def test_no_single_network_can_lock_somebody_out_elsewhere(door: Door) -> None:
    """However long it goes on."""
    for _ in range(throttle.ACCOUNT_MAX * 3):
        await door.enter(password="wrong")
    assert await door.enter(network=ELSEWHERE) is None


async def test_guessing_one_account_from_many_networks_ends_too(door: Door) -> None:
    """An attack with rented machines gets so many guesses a quarter of an hour."""
    answers = [await door.enter(password="wrong", network=str(number)) for number in range(throttle.ACCOUNT_MAX + 1)]
    assert answers.count("wrong") == throttle.ACCOUNT_MAX
    assert await door.enter(network=ELSEWHERE) == "throttled"
    assert await door.enter(OPERATOR, network=ELSEWHERE) is None


async def test_all_attempts_together_have_a_limit(door: Door) -> None:
    """What comparing passwords may take of the machine."""
    for number in range(throttle.TOTAL_MAX):
        assert await door.enter(f"guess-{number}", "wrong", network=str(number)) == "wrong"
    assert await door.enter() == "throttled"


async def test_a_slip_of_the_hand_costs_nothing(door: Door) -> None:
    """Once she is in, she begins anew: a whole office behind one address can log in all day."""
    for _ in range(throttle.NETWORK_MAX * 2):
        assert await door.enter() is None
    await door.enter(password="wrong")
    await door.enter()
    assert set(door.attempts.counts.values()) == {1}


async def test_the_database_does_not_tell_who_tried(door: Door) -> None:
    """Neither account nor network stands in a counter."""
    await door.enter(password="wrong")
    assert all(COORDINATOR not in key and "192.0" not in key for key in door.attempts.counts)


async def test_without_the_database_nobody_gets_in(door: Door) -> None:
    """Nor out: to say so would leave the session open."""
    door.rows.away = True
    with pytest.raises(DependencyDownError):
        await door.enter()
    with pytest.raises(DependencyDownError):
        await log_out(token="t", sessions=door.sessions)


async def test_the_log_tells_accounts_and_never_what_was_typed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """People type their password where the account belongs; a lock is told once, not for each attempt."""
    with capture_logs() as logs:
        # Loggers of the module may be bound to another stream already.
        monkeypatch.setattr("shared.staff.log_in.log", structlog.get_logger())
        for _ in range(throttle.PAIR_MAX + 5):
            await door.enter("min kanariekode", "kanari")
        await door.enter(password="kanari")
        await door.enter()
        await log_out(token="t", sessions=door.sessions)
    assert "kanari" not in str(logs)
    assert Counter((row["event"], row["account"]) for row in logs) == {
        ("staff-login-failed", None): throttle.PAIR_MAX,
        ("staff-login-locked", None): 1,
        ("staff-login-failed", COORDINATOR): 1,
        ("staff-logged-in", COORDINATOR): 1,
        ("staff-logged-out", COORDINATOR): 1,
    }
