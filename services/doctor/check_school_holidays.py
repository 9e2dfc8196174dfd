"""Tells until when the programme knows school holidays: they are dated, and nobody notices when they run out. Pure."""

from datetime import date
from typing import Final

from services.doctor.finding import Finding, ok, wrong
from shared.programme import Programme
from shared.reference.dates import format_short_date

WHAT: Final = "school holidays"
ADVICE: Final = "Enter the next ones under [[closed.school_holidays]], from the school calendars of the municipalities."


def check_school_holidays(programme: Programme, today: date) -> Finding:
    """Wrong where all that were entered have passed; none at all is a choice."""
    known = [one.last for one in programme.closed.school_holidays]
    if not known:
        return ok(WHAT, "none are entered: meetings may lie in them")
    until = format_short_date(max(known), "en")
    if max(known) < today:
        return wrong(WHAT, f"the last one ended on {until}: meetings may lie in the next", ADVICE)
    return ok(WHAT, f"entered until {until}")
