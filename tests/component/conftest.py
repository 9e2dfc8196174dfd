"""Fixtures that several files of component tests share."""

from collections.abc import AsyncIterator

import pytest

from tests.embedded import Embedded
from tests.notifier_later import Later
from tests.notifier_office import Office

NUMBER = pytest.StashKey[int]()


@pytest.fixture(scope="module")
async def later_office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    await office.desk.views.ensure_indexes()
    yield office
    office.client.close()


@pytest.fixture
def later(later_office: Office, request: pytest.FixtureRequest) -> Later:
    """An office where changes wait for a minute, and a course of its own for each test."""
    request.session.stash[NUMBER] = number = request.session.stash.get(NUMBER, 0) + 1
    return Later(later_office, number)
