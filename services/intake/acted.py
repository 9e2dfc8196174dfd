"""What staff did to an application, as the event of the audit that goes out with the change."""

import os
from datetime import datetime

from services.intake import blocks
from services.intake.record import Application
from shared import ids, trace
from shared.outbox import PendingEvent, pending
from shared.staff.audit import audit
from shared.staff.staff import Staff


def acted(staff: Staff, act: str, application: Application, *, now: datetime) -> PendingEvent:
    """The next event of the audit's stream for this application. `act` is a code such as "application.admitted"."""
    return pending(
        audit(staff=staff, service="intake", act=act, aggregate_id=application.id, now=now),
        event_id=ids.uuid7(now, os.urandom(10)),
        source=blocks.SOURCE,
        subject=application.id,
        sequence=application.acts + 1,
        now=now,
        traceparent=trace.current(),
    )
