"""The parts that facts of mails are made of: a meeting, a span of time, a person. Values without themes or free text. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Function = Literal["leader", "employee", "other", "consultant"]
Reader = Literal["contact", "consultant"]


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """One meeting. `starts` and `ends` are aware wall times in the meeting's own zone; `label` is neutral.

    `preparation` is what those who take part do beforehand.
    """

    label: str
    starts: datetime
    ends: datetime
    place: str = ""
    preparation: str = ""


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """A time that a meeting could have, as aware wall times in the meeting's zone."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody the reader will meet. `mail` and `phone` stay empty for readers who need not know them."""

    name: str
    function: Function
    mail: str = ""
    phone: str = ""
