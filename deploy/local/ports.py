"""Ports of 127.0.0.1 that nothing uses."""

import random
import socket

# Below the range from which systems take the ports of outgoing connections (Linux: from 32768): a server that is restarted
# on its port must not find it taken by somebody's client meanwhile.
FIRST, LAST = 20_000, 32_000
TRIES_MAX = 200


def free_ports(count: int) -> list[int]:
    """So many different ports that can be bound now.

    Raises:
        RuntimeError: there are none.

    """
    found: list[int] = []
    for port in random.sample(range(FIRST, LAST), TRIES_MAX):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    if len(found) < count:
        raise RuntimeError(f"no {count} free ports between {FIRST} and {LAST} on 127.0.0.1")
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier one that linger in TIME_WAIT are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
