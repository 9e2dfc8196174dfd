"""Limits on how often something may happen, in the memory of this process: several processes each allow as much.

The in-memory store of the `limits` library looks through all its keys at every hit (and starts a thread or task for it),
which a flood from many networks would make slow; so only its notation is used here, and a window is a queue of instants.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Callable

from limits import parse

KEYS_MAX = 20_000
"""Networks remembered at once; beyond that the one longest unseen is forgotten."""


class RateLimit:
    """At most so many per key within any stretch of the given length. `clock` gives seconds that never go back."""

    def __init__(self, limit: str, *, clock: Callable[[], float]) -> None:
        item = parse(limit)
        self.count_max = item.amount
        self.window_seconds = float(item.get_expiry())
        self._clock = clock
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, key: str) -> int:
        """0 if there is room now, else the whole seconds until there is. Counts nothing."""
        hits = self._current(key)
        if hits is None or len(hits) < self.count_max:
            return 0
        return max(1, math.ceil(hits[0] + self.window_seconds - self._clock()))

    def count(self, key: str) -> None:
        """Count one. A full window keeps its oldest, so trying on does not prolong the wait."""
        hits = self._current(key)
        if hits is None:
            hits = self._hits[key] = deque()
            while len(self._hits) > KEYS_MAX:
                self._hits.popitem(last=False)
        self._hits.move_to_end(key)
        if len(hits) < self.count_max:
            hits.append(self._clock())

    def _current(self, key: str) -> deque[float] | None:
        hits = self._hits.get(key)
        if hits is not None:
            begin = self._clock() - self.window_seconds
            while hits and hits[0] <= begin:
                hits.popleft()
        return hits
