"""Why a calendar could not be taken over: a code that may be shown and logged, never an address or a text from outside. Pure."""

from typing import Literal

Reason = Literal[
    "not-reachable",  # no such name, an address that is not for us, no connection, a wrong certificate: never told apart
    "timed-out",
    "access-refused",
    "not-found",
    "answered-wrongly",
    "too-large",
    "not-a-calendar",
    "too-complex",
    "overran",  # it took the reader more time or memory than one calendar may
]


class CalendarFault(Exception):  # noqa: N818 - what is wrong with a calendar, not with us
    """A calendar that cannot be taken over now; what was last known of it goes on being true."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
