"""What coordinators change of a consultant: from the fields of a form to a change, or a sentence for each wrong field. Pure.

A period of leave is added to, or taken from, what stands there when it is written: two colleagues lose nothing of each other's.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.roster import LEAVE_PERIODS_MAX, Leave, RosterChange, RosterFacts
from shared.words import Words

FIRST_YEAR, LAST_YEAR = 2000, 2100
FIRST: Final = Words(da="Skriv den første dag som dato.", en="Enter the first day as a date.")
LAST: Final = Words(da="Skriv den sidste dag som dato.", en="Enter the last day as a date.")
ORDER: Final = Words(da="Den sidste dag ligger før den første.", en="The last day lies before the first.")
OVER: Final = Words(da="Fraværet er allerede slut.", en="The leave is over already.")
TOO_MANY: Final = Words(
    da=f"Der er allerede {LEAVE_PERIODS_MAX} perioder. Fjern gamle først.",
    en=f"There are {LEAVE_PERIODS_MAX} periods already. Remove old ones first.",
)


class LeaveAdded(RosterChange):
    """One more period."""

    period: Leave

    def on(self, facts: RosterFacts) -> RosterFacts:
        periods = sorted({*facts.leave, self.period}, key=lambda one: (one.first, one.last))
        # A colleague may have taken the last place meanwhile; one period too many would make her unreadable.
        return facts.model_copy(update={"leave": tuple(periods[-LEAVE_PERIODS_MAX:])})


class LeaveRemoved(RosterChange):
    """One period less; nothing where it is gone already."""

    period: Leave

    def on(self, facts: RosterFacts) -> RosterFacts:
        return facts.model_copy(update={"leave": tuple(one for one in facts.leave if one != self.period)})


def leave_to_add(fields: Mapping[str, str], facts: RosterFacts, *, today: date) -> LeaveAdded:
    """Read the form of a new leave.

    Raises:
        FormWrongError: with a sentence for each wrong field.

    """
    first, last = _day(fields.get("first", "")), _day(fields.get("last", ""))
    faults = {name: words for name, day, words in (("first", first, FIRST), ("last", last, LAST)) if day is None}
    if first is None or last is None:
        raise FormWrongError(faults)
    if last < first:
        raise FormWrongError({"last": ORDER})
    if last < today:
        raise FormWrongError({"last": OVER})
    if len(facts.leave) >= LEAVE_PERIODS_MAX:
        raise FormWrongError({"first": TOO_MANY})
    return LeaveAdded(period=Leave(first=first, last=last))


def leave_to_remove(fields: Mapping[str, str]) -> LeaveRemoved | None:
    """The period that the button stands beside; None where the fields name none."""
    first, last = _day(fields.get("first", "")), _day(fields.get("last", ""))
    if first is None or last is None or last < first:
        return None
    return LeaveRemoved(period=Leave(first=first, last=last))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None
