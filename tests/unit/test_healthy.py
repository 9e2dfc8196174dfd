"""The health check of containers: which service it asks, and where."""

import pytest

from services.cli import Service
from services.healthy import address, service_of

SERVICES = list(Service)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["/opt/forloeb/bin/python", "/opt/forloeb/bin/forloeb", "run", "intake"], "intake"),
        (["/sbin/docker-init", "--", "forloeb", "run", "monitor"], "monitor"),
        (["forloeb", "roster", "import", "file.csv"], None),
        (["forloeb", "run"], None),
        (["sh", "-c", "run away"], None),
        (["forloeb", "run", "away"], None),
    ],
)
def test_the_service_is_read_from_the_command_of_the_container(command: list[str], found: str | None) -> None:
    """With and without a small init program before it; a container that runs something else has none."""
    assert service_of(command, SERVICES) == found


def test_every_service_has_an_address_by_default() -> None:
    """Each on a port of its own."""
    assert len({address(service, {}) for service in SERVICES}) == len(SERVICES)


def test_a_service_that_listens_everywhere_is_asked_on_this_machine() -> None:
    """The settings of the container say where."""
    environment = {"FORLOEB_MONITOR_HOST": "0.0.0.0", "FORLOEB_MONITOR_PORT": "9000"}
    assert address("monitor", environment) == ("127.0.0.1", 9000)
