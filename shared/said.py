"""What people say about their meetings: answers from calendars, counter proposals, wishes for other dates. Facts, never free text.

Intake decides whether something is genuine and numbers it; the scheduler alone orders it and acts on it.
"""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from shared.fact import Fact

SAID_KEPT_MAX: Final = 40
"""An application's events tell the newest of what was said: enough to heal an event that was lost."""

PartStat = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]
"""RFC 5545 section 3.2.12."""
AnsweredBy = Literal["self", "other", "staff"]
"""The invited person; somebody of the same organisation in her name, such as a secretary; staff, who attributed it by hand."""


class CalendarAnswer(Fact):
    """An iTIP REPLY. `sequence` and `dtstamp` are clamped: never above the meeting's own, never far after `at`, when it came."""

    kind: Literal["answer"] = "answer"
    number: int
    meeting_id: str
    person_id: str
    partstat: PartStat
    sequence: int
    dtstamp: AwareDatetime
    at: AwareDatetime
    answered_by: AnsweredBy = "self"


class CounterProposal(Fact):
    """An iTIP COUNTER: `start` is the proposed instant. It is a proposal and never an answer; sequence and dtstamp as above."""

    kind: Literal["counter"] = "counter"
    number: int
    meeting_id: str
    person_id: str
    start: AwareDatetime
    sequence: int
    dtstamp: AwareDatetime
    at: AwareDatetime
    answered_by: AnsweredBy = "self"


class DatesAsked(Fact):
    """A contact asks which other times one meeting could have. `person_id` is "-" for whoever sent the application in."""

    kind: Literal["dates_asked"] = "dates_asked"
    number: int
    meeting_id: str
    person_id: str
    at: AwareDatetime


class DateChosen(Fact):
    """One of the times of an offer is taken: `start` is its instant, `offer` the number of the `DatesAsked` that it answers."""

    kind: Literal["date_chosen"] = "date_chosen"
    number: int
    meeting_id: str
    person_id: str
    offer: int
    start: AwareDatetime
    at: AwareDatetime


Said = Annotated[CalendarAnswer | CounterProposal | DatesAsked | DateChosen, Field(discriminator="kind")]
"""`number` counts everything that was said about an application, from 1."""
