"""What becomes of a mail that came in, and for how long it is known again after that. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import About

KEPT: Final = {
    "answered": timedelta(days=7),
    "returned": timedelta(days=7),
    "dropped": timedelta(days=7),
    "held": timedelta(days=14),
    "parked": timedelta(days=30),
}
"""How long a mail is known again after it was decided; a parked one is kept so long for staff."""
WAIT_MAX: Final = timedelta(hours=24)
"""For the course of a token, then staff look at the mail; or for the news of our mail that it is about, then it is dropped."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """`is_erased`: the mail's key is removed at once, as that of the person that it is about was."""

    state: Literal["answered", "returned", "held", "parked", "dropped", "waiting"]
    reason: str
    about: About | None = None
    parked_under: str | None = None
    understood: Understood | None = None
    is_erased: bool = False
