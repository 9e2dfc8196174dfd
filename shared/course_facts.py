"""What the scheduler tells of a course beside its meetings: answers, offered dates, proposals that cannot be, why it was changed."""

from typing import Literal

from pydantic import AwareDatetime

from shared.fact import Fact
from shared.said import AnsweredBy, PartStat
from shared.words import Language

Cause = Literal[
    "staff",
    "consultant_declined",
    "contacts_declined",
    "counter",
    "new_dates",
    "leave",
    "dropped_out",
    "tailored",
    "clock_rules",
]
"""Why a booked course was changed. `leave`: leave was entered; `dropped_out`: the consultant is no longer in the roster;
`tailored`: the consultant or staff changed the course's own plan; `clock_rules`: a state changed its time zone rules."""


class Label(Fact):
    """The neutral name of a meeting in each language."""

    da: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.en if language == "en" else self.da


class KnownAnswer(Fact):
    """The newest answer of one person for one meeting, to the version `sequence` of it."""

    meeting_id: str
    person_id: str
    partstat: PartStat
    sequence: int
    dtstamp: AwareDatetime
    at: AwareDatetime
    answered_by: AnsweredBy = "self"


class PossibleStart(Fact):
    """A time that a meeting could have: the instant, and the wall time "2027-01-12T09:00" in the meeting's zone."""

    start: AwareDatetime
    wall_start: str


class Offer(Fact):
    """Times held for a choice until `until`, the best first; none: no other time is possible. `number` is that of the question."""

    number: int
    meeting_id: str
    person_id: str
    starts: tuple[PossibleStart, ...]
    at: AwareDatetime
    until: AwareDatetime


class DeclinedCounter(Fact):
    """A proposed time that cannot be, with up to three that could. `number` is that of the proposal; `by`: rules, or staff.

    `outdated`: it answered an earlier version of the meeting, which has another time or other people since.
    """

    number: int
    meeting_id: str
    person_id: str
    proposed: PossibleStart
    starts: tuple[PossibleStart, ...] = ()
    at: AwareDatetime
    by: Literal["rules", "staff"] = "rules"
    outdated: bool = False


class Stall(Fact):
    """A booked course that cannot go on as it is, and for which nothing else was found. `meetings`: ids of those that are in doubt."""

    since: AwareDatetime
    cause: Cause
    meetings: tuple[str, ...]
