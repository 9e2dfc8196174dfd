"""What intake knows of the mails about an application: what became of each. Pure."""

from typing import Literal

from pydantic import AwareDatetime

from shared.envelope import Envelope
from shared.events import MessageEvent
from shared.fact import Fact


class MessageView(Fact):
    """One mail: of what kind, to whom, and what became of it. `sequence` is the last event's number.

    The rest as in `MessageState`. `created_at` is None for mails that were told of before it was kept.
    """

    message_id: str
    application_id: str
    sequence: int
    person_id: str
    kind: str
    meeting_id: str | None = None
    state: Literal["accepted", "failed", "bounced"]
    created_at: AwareDatetime | None = None
    decided_at: AwareDatetime
    reason: str | None = None
    undeliverable: bool = False
    resend_of: str | None = None


def view_of(event: MessageEvent, envelope: Envelope) -> MessageView:
    told = event.message
    return MessageView(
        message_id=told.message_id,
        application_id=told.application_id,
        sequence=envelope.sequence,
        person_id=told.person_id,
        kind=told.kind,
        meeting_id=told.meeting_id,
        state=told.state,
        created_at=told.created_at,
        decided_at=told.decided_at,
        reason=told.reason,
        undeliverable=told.undeliverable,
        resend_of=told.resend_of,
    )
