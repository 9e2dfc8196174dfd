import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared import health as module
from shared.errors import DependencyDownError
from shared.health import Health

pytestmark = pytest.mark.anyio


def answering(error: Exception | None = None) -> Callable[[], Awaitable[None]]:
    async def check() -> None:
        if error is not None:
            raise error

    return check


async def test_all_answers_make_it_ready() -> None:
    """Each dependency has its own word."""
    health = Health()
    health.add_check("mongodb", answering())
    health.add_check("kafka", answering())
    assert await health.readiness() == {"mongodb": "ok", "kafka": "ok"}


async def test_one_that_is_away_is_named() -> None:
    """The others are told as they are."""
    health = Health()
    health.add_check("mongodb", answering(DependencyDownError("database")))
    health.add_check("kafka", answering())
    assert await health.readiness() == {"mongodb": "down", "kafka": "ok"}


async def test_one_that_refuses_us_is_failing_and_the_watchdog_lives() -> None:
    """Wrong credentials raise errors of other kinds; asking must still end with an answer."""
    health = Health()
    health.add_check("mongodb", answering(RuntimeError("Authentication failed for canary")))
    assert await health.readiness() == {"mongodb": "failing"}


async def test_one_that_never_answers_is_down_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe has a deadline of its own, so we have a shorter one."""
    monkeypatch.setattr(module, "CHECK_SECONDS_MAX", 0.05)
    health = Health()
    health.add_check("kafka", lambda: asyncio.sleep(60))
    async with asyncio.timeout(5):
        assert await health.readiness() == {"kafka": "down"}


async def test_many_questions_at_once_are_one_question_to_the_dependencies() -> None:
    """A flood of probes does not become a flood of pings."""
    asked = 0

    async def check() -> None:
        nonlocal asked
        asked += 1

    health = Health()
    health.add_check("mongodb", check)
    await asyncio.gather(*(health.readiness() for _ in range(50)))
    assert asked == 1


async def test_a_part_that_waits_makes_it_unready_but_not_stalled() -> None:
    """Not ready but alive: nothing is won by a restart."""
    health = Health()
    health.add_check("mongodb", answering())
    health.add_hold(lambda: "vault key")
    assert await health.readiness() == {"mongodb": "ok", "consumer": "waiting for vault key"}
    assert health.stalled() is None


async def test_the_first_stall_is_told_without_asking_anybody() -> None:
    """Liveness does no I/O."""
    health = Health()
    health.add_check("mongodb", answering(AssertionError("was asked")))
    health.add_stall(lambda: None)
    assert health.stalled() is None
    health.add_stall(lambda: "consume loop ended")
    assert health.stalled() == "consume loop ended"
