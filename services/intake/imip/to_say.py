"""From a mail that may count to what it says. Pure."""

from collections.abc import Callable
from datetime import datetime

from services.intake.imip.judge import clamped
from services.intake.imip.row import Row
from services.intake.imip.understood import Understood
from shared.said import AnsweredBy, CalendarAnswer, CounterProposal


def to_say(
    understood: Understood, row: Row, *, answered_by: AnsweredBy, received_at: datetime
) -> Callable[[int], CalendarAnswer | CounterProposal]:
    """What the mail says about the row's person and meeting, once it has its number.

    Raises:
        ValueError: the mail says nothing that could count; such a mail is never accepted or held.

    """
    sequence, dtstamp = clamped(understood, row, received_at)
    if understood.what == "counter" and understood.proposed_start is not None:
        start = understood.proposed_start
        return lambda number: CounterProposal(
            number=number,
            meeting_id=row.meeting_id,
            person_id=row.person_id,
            start=start,
            sequence=sequence,
            dtstamp=dtstamp,
            at=received_at,
            answered_by=answered_by,
        )
    if understood.what == "answer" and understood.partstat is not None:
        partstat = understood.partstat
        return lambda number: CalendarAnswer(
            number=number,
            meeting_id=row.meeting_id,
            person_id=row.person_id,
            partstat=partstat,
            sequence=sequence,
            dtstamp=dtstamp,
            at=received_at,
            answered_by=answered_by,
        )
    raise ValueError("nothing to say in this mail")
