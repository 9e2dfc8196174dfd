import pytest

from shared.client_address import client_network, networks
from shared.rate_limit import KEYS_MAX, RateLimit


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_eleventh_in_ten_minutes_must_wait() -> None:
    """Ten are let through, the next is told when there is room: when the first of them is ten minutes old."""
    clock = Clock()
    limit = RateLimit("10/10 minutes", clock=clock)
    for _ in range(10):
        assert limit.wait_seconds("a") == 0
        limit.count("a")
        clock.seconds += 6
    assert limit.wait_seconds("a") == 540
    clock.seconds += 539.5
    assert limit.wait_seconds("a") == 1
    clock.seconds += 0.5
    assert limit.wait_seconds("a") == 0
    limit.count("a")
    assert limit.wait_seconds("a") == 6


def test_one_network_does_not_use_up_anothers_room() -> None:
    """Each key has its own window."""
    limit = RateLimit("1/minute", clock=Clock())
    limit.count("a")
    assert limit.wait_seconds("a") == 60
    assert limit.wait_seconds("b") == 0


def test_trying_on_does_not_prolong_the_wait() -> None:
    """Counting in a full window changes nothing."""
    clock = Clock()
    limit = RateLimit("1/minute", clock=clock)
    limit.count("a")
    clock.seconds += 59
    limit.count("a")
    clock.seconds += 1
    assert limit.wait_seconds("a") == 0


def test_memory_is_bounded() -> None:
    """Of more networks than are remembered, the one longest unseen is forgotten."""
    limit = RateLimit("1/day", clock=Clock())
    for number in range(KEYS_MAX + 1):
        limit.count(str(number))
    assert limit.wait_seconds("0") == 0
    assert limit.wait_seconds("1") > 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("192.0.2.7", "", "192.0.2.0/24"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.0/24"),
        ("10.0.0.1", "198.51.100.9", "198.51.100.0/24"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.9", "198.51.100.0/24"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.9, 10.0.0.2", "198.51.100.0/24"),
        ("10.0.0.1", "junk", "10.0.0.0/24"),
        ("10.0.0.1", "198.51.100.9, junk", "10.0.0.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "", "192.0.2.0/24"),
        (None, "198.51.100.9", "unknown"),
        ("testclient", "", "unknown"),
    ],
)
def test_the_client_is_found_behind_our_own_proxies_only(peer: str | None, forwarded: str, network: str) -> None:
    """X-Forwarded-For is read from the right, and not at all where the peer is no proxy of ours."""
    assert client_network(peer, forwarded, networks("10.0.0.0/8, ::1/128")) == network


def test_without_configured_proxies_the_header_is_never_believed() -> None:
    """Anybody can write it."""
    assert client_network("10.0.0.1", "198.51.100.9", ()) == "10.0.0.0/24"
