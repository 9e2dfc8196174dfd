import asyncio
from collections.abc import Sequence

import pytest

from shared.together import Together


async def test_items_without_a_result_fail_rather_than_wait_for_ever() -> None:
    """An answer for fewer items than there are fails them all, and what comes later is done again."""
    batches: list[Sequence[int]] = []

    async def act(items: Sequence[int]) -> Sequence[Exception | None]:
        batches.append(items)
        return [None] * min(len(items), 1)

    together = Together(act)
    async with asyncio.timeout(5):
        results = await asyncio.gather(*(together.do(number) for number in range(3)), return_exceptions=True)
        await together.do(3)
    assert batches == [[0, 1, 2], [3]]
    assert [type(result) for result in results] == [RuntimeError] * 3


async def test_each_item_learns_what_went_wrong_with_it() -> None:
    """The others of its batch are done all the same."""

    async def act(items: Sequence[int]) -> Sequence[Exception | None]:
        return [ValueError(str(item)) if item == 1 else None for item in items]

    together = Together(act)
    with pytest.raises(ValueError, match="1"):
        await asyncio.gather(together.do(0), together.do(1))
    await together.do(2)
