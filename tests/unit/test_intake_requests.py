"""Idempotency-Key, language and gathering: what happens to a request before and around its use case."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from services.intake.errors import KeyFormError, KeyInUseError
from services.intake.idempotency import InFlight, mark
from shared.together import Together
from shared.web.language import preferred

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def test_the_quotes_of_a_structured_header_make_no_difference() -> None:
    """The same key with and without them is the same key."""
    assert mark(KEY, b"{}", trusted=False, secret=b"s", now=NOW) == mark(
        f'"{KEY}"', b"{}", trusted=False, secret=b"s", now=NOW
    )


def test_a_mark_holds_neither_key_nor_body_and_depends_on_both_and_on_trust() -> None:
    """Keyed digests only: bodies hold personal data."""
    one = mark(KEY, b"anne@kommune.example", trusted=False, secret=b"s", now=NOW)
    assert one
    assert "anne" not in repr(one)
    assert KEY not in repr(one)
    others = [
        mark(KEY[::-1], b"anne@kommune.example", trusted=False, secret=b"s", now=NOW),
        mark(KEY, b"anne@kommune.example", trusted=True, secret=b"s", now=NOW),
        mark(KEY, b"anne@kommune.example", trusted=False, secret=b"t", now=NOW),
    ]
    assert all(other and other.key != one.key for other in others)


@pytest.mark.parametrize(
    "header", ["", "short", "x" * 129, "with spaces in the key", 'quote"inside-the-key', "æøåæøåæøåæøåæøå"]
)
def test_a_key_of_another_form_is_refused(header: str) -> None:
    """Short keys of different callers would meet."""
    with pytest.raises(KeyFormError):
        mark(header, b"", trusted=False, secret=b"s", now=NOW)


def test_a_key_is_held_while_its_request_is_handled() -> None:
    """A second request meanwhile is refused; afterwards, also after an error, the key is free."""
    in_flight = InFlight()
    request = mark(KEY, b"{}", trusted=False, secret=b"s", now=NOW)
    with in_flight.hold(request), pytest.raises(KeyInUseError), in_flight.hold(request):
        pytest.fail("it was let through")
    with pytest.raises(ZeroDivisionError), in_flight.hold(request):
        raise ZeroDivisionError
    with in_flight.hold(request), in_flight.hold(None), in_flight.hold(None):
        pass


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "da"),
        ("en", "en"),
        ("en-GB,en;q=0.9,da;q=0.8", "en"),
        ("da-DK,da;q=0.9,en;q=0.8", "da"),
        ("de,fr;q=0.8", "da"),
        ("de,en;q=0.5", "en"),
        ("en;q=0", "da"),
        ("en;q=junk", "da"),
        ("*", "da"),
        (";;;,=,q=", "da"),
    ],
)
def test_the_language_is_the_one_asked_for_or_danish(header: str, language: str) -> None:
    """Qualities count; what is no language of ours does not."""
    assert preferred(header, "da") == language


class Batches:
    """Does a batch when it is told to; items that begin with "bad" fail alone."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []
        self.go = asyncio.Event()
        self.down = False

    async def act(self, items: Sequence[str]) -> list[Exception | None]:
        self.seen.append(list(items))
        await self.go.wait()
        if self.down:
            raise ConnectionError
        return [ValueError(item) if item.startswith("bad") else None for item in items]


async def test_what_comes_meanwhile_goes_together() -> None:
    """The first goes at once and alone, all that came during it as one batch; each is told its own fault."""
    batches = Batches()
    together = Together(batches.act)
    tasks = [asyncio.create_task(together.do(item)) for item in ("a", "b", "bad", "c")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    batches.go.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [item for batch in batches.seen for item in batch] == ["a", "b", "bad", "c"]
    assert len(batches.seen) <= 2
    assert [type(result) for result in results] == [type(None), type(None), ValueError, type(None)]


async def test_a_batch_that_fails_fails_for_everyone_in_it_and_for_nobody_after() -> None:
    """The next one begins anew."""
    batches = Batches()
    batches.down = True
    batches.go.set()
    together = Together(batches.act)
    results = await asyncio.gather(together.do("a"), together.do("b"), return_exceptions=True)
    assert all(isinstance(result, ConnectionError) for result in results)
    batches.down = False
    await together.do("c")


async def test_somebody_who_gives_up_does_not_disturb_the_others() -> None:
    """A cancelled request leaves its batch whole."""
    batches = Batches()
    together = Together(batches.act)
    impatient, patient = asyncio.create_task(together.do("a")), asyncio.create_task(together.do("b"))
    await asyncio.sleep(0)
    impatient.cancel()
    batches.go.set()
    await patient
    assert impatient.cancelled() or impatient.cancelling()
