import asyncio
import re

import pytest

from shared import trace

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def test_a_child_stays_in_the_trace_under_an_own_span() -> None:
    """The trace id is the parent's, the span id is new."""
    child = trace.begin(PARENT)
    assert FORM.fullmatch(child)
    assert child[:35] == PARENT[:35]
    assert child[36:52] != PARENT[36:52]
    assert trace.current() == child


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "junk",
        PARENT + "\n",
        PARENT.upper(),
        PARENT.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        "x" * 5_000,
        PARENT + "-extra",
    ],
)
def test_anything_else_begins_a_new_trace(parent: str) -> None:
    """What callers and records bring is never passed on unless it has exactly the form."""
    begun = trace.begin(parent)
    assert FORM.fullmatch(begun)
    assert begun[3:35] not in parent or not parent


def test_each_task_has_its_own_trace() -> None:
    """Two requests at once do not mix."""

    async def one(parent: str) -> str:
        trace.begin(parent)
        await asyncio.sleep(0)
        return trace.current()[3:35]

    async def both() -> list[str]:
        other = PARENT.replace("0af7", "1111")
        return await asyncio.gather(one(PARENT), one(other))

    first, second = asyncio.run(both())
    assert first == PARENT[3:35]
    assert second == "1111" + PARENT[7:35]
