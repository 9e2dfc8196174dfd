"""Time for work that may be put off: a small share of all time, so that a rush of applications is not slowed down by it. Pure."""

from collections.abc import Callable

SHARE = 0.1
"""Of each second that passes, so much may be spent."""
SAVED_SECONDS_MAX = 0.2
WORTH_SECONDS = 0.02
"""With less than this left, nothing is begun."""


class Leisure:
    """What is not spent is saved up to a limit; it begins with that. `seconds` is a clock that only runs forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self._saved = SAVED_SECONDS_MAX
        self._counted_at = seconds()

    def left(self) -> float:
        """Seconds that may be spent now; 0 where they are not worth beginning."""
        now = self.seconds()
        self._saved = min(self._saved + SHARE * (now - self._counted_at), SAVED_SECONDS_MAX)
        self._counted_at = now
        return self._saved if self._saved >= WORTH_SECONDS else 0.0

    def spend(self, seconds: float) -> None:
        """Note what was spent, be it more than was left."""
        self._saved -= seconds
