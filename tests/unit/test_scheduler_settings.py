"""What the scheduler's settings refuse at the start."""

import base64

import pytest

from services.scheduler.settings import SchedulerSettings
from shared.settings import SettingsError, load

GOOD = {
    "FORLOEB_KAFKA": "127.0.0.1:9092",
    "FORLOEB_MONGODB": "mongodb://127.0.0.1/",
    "FORLOEB_MASTER_KEY": base64.b64encode(bytes(number * number % 251 for number in range(32))).decode(),
    "FORLOEB_LINK_SECRET": "q9WmZr4tYb7xKc2vNf8sJd3hLg6pTa1u",
    "FORLOEB_STAFF_TOKEN": "u1aTp6gLh3dJs8fNv2cKx7bYt4rZmW9q",
}


@pytest.mark.parametrize("wrong", ["forloeb.example", "https://forloeb.example/", "ftp://forloeb.example"])
def test_an_address_that_no_link_can_begin_with_stops_the_start(wrong: str) -> None:
    """Links to consultants' pages would lead nowhere."""
    with pytest.raises(SettingsError) as refused:
        load(SchedulerSettings, GOOD | {"FORLOEB_SCHEDULER_PUBLIC_URL": wrong})
    assert "FORLOEB_SCHEDULER_PUBLIC_URL" in str(refused.value)


def test_without_an_address_of_its_own_consultants_reach_their_pages_at_the_public_one() -> None:
    """None is what main takes for that."""
    assert load(SchedulerSettings, GOOD).scheduler_public_url is None
