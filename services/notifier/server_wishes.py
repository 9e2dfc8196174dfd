"""What a mail server asks for in its own words: to be left in peace for a while, or to get less at a time. Pure."""

import re
from datetime import timedelta
from typing import Final

ASKED_PAUSE_MAX: Final = timedelta(hours=4)
"""A server that asks for more is asked again earlier all the same."""

_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
# As in: try again in 300 seconds, come back in 00:04:59, retry after 5 min, wait 1 hour.
_PAUSE = re.compile(
    r"\b(?:in|after|for|wait)\s+(?:at\s+least\s+)?"
    r"(?:(\d{1,2}):(\d{2}):(\d{2})|(\d{1,6})\s*(s|m|h)(?:ec|in|our|econd|inute|r)?s?)\b",
    re.IGNORECASE,
)
_ABOUT_SPEED = re.compile(r"too many|too fast|too much|rate.?limit|throttl|slow down|server busy", re.IGNORECASE)
_SPEED_CODES: Final = frozenset({"4.4.5", "4.5.3"})
"""RFC 3463: mail system congestion, too many recipients."""


def asked_pause(words: str) -> timedelta | None:
    """The pause that the server names, at most `ASKED_PAUSE_MAX`; None where it names none."""
    found = _PAUSE.search(words)
    if found is None:
        return None
    hours, minutes, seconds, count, unit = found.groups()
    if count:
        pause = timedelta(seconds=int(count) * _UNIT_SECONDS[unit.lower()])
    else:
        pause = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return min(pause, ASKED_PAUSE_MAX)


def is_about_speed(enhanced: str, words: str) -> bool:
    """Whether a temporary refusal says that too much comes at a time. 4.7.x is what large providers use for that."""
    return enhanced.startswith("4.7.") or enhanced in _SPEED_CODES or _ABOUT_SPEED.search(words) is not None
