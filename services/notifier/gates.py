"""What may keep a leased message from being sent just now: each gate is asked in turn, and the first that objects decides.

Nothing of it is an attempt. A gate reads what is true at this moment: the course, the address, the hours, the day's count.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from services.notifier.message import LeasedMessage


@dataclass(frozen=True, slots=True)
class Later:
    """It waits until `due_at`. `why` is a word for logs and staff."""

    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It is not sent any more, and nobody needs to hear of it: what it says is not so, or helps nobody now."""

    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """It cannot be sent, and has failed: the others are told. `undeliverable`: its address takes no mail."""

    reason: str
    undeliverable: bool = False


Objection = Later | Stop | Refuse
Gate = Callable[[LeasedMessage], Awaitable[Objection | None]]
"""None: nothing against it. Raises DependencyDownError: it is put back and tried again."""
