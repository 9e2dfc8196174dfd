"""What a mail said, as the fact that goes into the application. Pure."""

import hashlib
from datetime import datetime

from services.intake.imip.judge import Verdict, clamped
from services.intake.imip.row import Row
from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import StoredMail
from shared.said import CalendarAnswer, CounterProposal


def said_of(
    understood: Understood, verdict: Verdict, row: Row, *, number: int, received_at: datetime
) -> CalendarAnswer | CounterProposal:
    """`number` is that of the application's said things. ValueError: the mail says neither yes, no nor another time."""
    sequence, dtstamp = clamped(understood, row, received_at)
    if verdict.mark_grey or verdict.answered_by == "other":
        # Dated ahead by somebody else, it would keep her own answers away for a day.
        dtstamp = min(dtstamp, received_at)
    if understood.what == "counter":
        if understood.proposed_start is None:
            raise ValueError("a counter proposal without a time was judged to be one")
        return CounterProposal(
            number=number,
            meeting_id=row.meeting_id,
            person_id=row.person_id,
            start=understood.proposed_start,
            sequence=sequence,
            dtstamp=dtstamp,
            at=received_at,
            answered_by=verdict.answered_by,
        )
    if understood.partstat is None:
        raise ValueError("an answer without a PARTSTAT was judged to be one")
    return CalendarAnswer(
        number=number,
        meeting_id=row.meeting_id,
        person_id=row.person_id,
        partstat=understood.partstat,
        sequence=sequence,
        dtstamp=dtstamp,
        at=received_at,
        answered_by=verdict.answered_by,
    )


def source_of(mail: StoredMail, understood: Understood, row: Row) -> str:
    """What is said knows by this that it was said before: the same message may come by several ways, and be taken in several times.

    Of a message that has no name only the stored mail itself is known again.
    """
    if understood.message_id is None:
        return mail.mail_id
    told = (understood.what, understood.partstat, understood.proposed_start, understood.sequence, understood.dtstamp)
    parts = (understood.message_id, *row.key, *map(str, told))
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
