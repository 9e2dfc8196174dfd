"""The number of addresses that take no mail, as the metrics have it."""

import asyncio
import contextlib

import pytest
from prometheus_client import REGISTRY

from services.notifier.suppress import watch
from shared.errors import DependencyDownError


class CountsOf:
    """A list of addresses whose counts are given; None: the database is away."""

    def __init__(self, *counts: int | None) -> None:
        self._counts = list(counts)

    async def count(self) -> int:
        if not self._counts:
            raise asyncio.CancelledError
        found = self._counts.pop(0)
        if found is None:
            raise DependencyDownError("database")
        return found


@pytest.mark.parametrize(("counts", "shown"), [((3,), 3), ((3, 2), 2), ((3, None), 3), ((3, None, 1), 1)])
async def test_the_number_is_the_last_that_was_counted(
    counts: tuple[int | None, ...], shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the database is away, and afterwards it goes on."""
    monkeypatch.setattr(watch, "WATCH_SECONDS", 0)
    with contextlib.suppress(asyncio.CancelledError):
        await watch.watch_suppressed(CountsOf(*counts))
    assert REGISTRY.get_sample_value("forloeb_mail_addresses_suppressed") == shown
