"""What intake knows of the mails about an application: what became of each. Pure."""

from typing import Literal

from pydantic import AwareDatetime

from shared.envelope import Envelope
from shared.events import MessageEvent
from shared.fact import Fact


class MessageView(Fact):
    """One mail: of what kind, to whom, and whether a mail server took it. `sequence` is the last event's number."""

    message_id: str
    application_id: str
    sequence: int
    person_id: str
    kind: str
    meeting_id: str | None = None
    state: Literal["accepted", "failed", "bounced"]
    decided_at: AwareDatetime


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
        decided_at=told.decided_at,
    )
