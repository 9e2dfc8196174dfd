"""Fixtures of the reliability tests."""

from collections.abc import Iterator

import pytest

from deploy.local import processes
from tests.reliability.small_runs import Run


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """Takes the runs of a test, and kills their processes after it."""
    made: list[Run] = []
    yield made
    for run in made:
        run.client.close()
        for each in run.started:
            processes.kill(each)
