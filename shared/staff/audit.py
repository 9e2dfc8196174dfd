"""What staff changed: a line in the log, and an event for the outbox of the write that changes it."""

from datetime import datetime

import structlog

from shared.events import StaffAct, StaffActed
from shared.staff.staff import Staff

log = structlog.get_logger(__name__)


def audit(*, staff: Staff, service: str, act: str, aggregate_id: str, now: datetime) -> StaffActed:
    """The event to put into the outbox, in the same write as the change; the line is logged at once.

    `act` is a code such as "course.moved". The reason that was typed is kept with what was changed, never here.
    """
    log.info("staff-acted", account=staff.account, role=staff.role, act=act, aggregate_id=aggregate_id)
    return StaffActed(
        staff_act=StaffAct(
            account=staff.account, role=staff.role, service=service, act=act, aggregate_id=aggregate_id, acted_at=now
        )
    )
