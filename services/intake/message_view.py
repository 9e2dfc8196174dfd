"""What intake knows of the mails about an application: what became of each. Follows `forloeb.messages`."""

from typing import Literal, Protocol

from pydantic import AwareDatetime

from shared.envelope import Envelope
from shared.events import Fact, MessageEvent
from shared.metrics import SEQUENCE_GAPS


class MessageView(Fact):
    """One mail: of what kind, to whom, and whether a mail server took it. `sequence` is the last event's number."""

    message_id: str
    application_id: str
    sequence: int
    person_id: str
    kind: str
    meeting_id: str | None = None
    state: Literal["accepted", "failed"]
    decided_at: AwareDatetime


class MessageViews(Protocol):
    async def put_message(self, message: MessageView) -> int | None:
        """Store it if it is newer than what is there. Answers the sequence before (0: none), or None if it was not."""


async def follow_message(event: MessageEvent, envelope: Envelope, *, views: MessageViews) -> str:
    """Take over what became of a mail, whether or not its application is here already."""
    told = event.message
    view = MessageView(
        message_id=told.message_id,
        application_id=told.application_id,
        sequence=envelope.sequence,
        person_id=told.person_id,
        kind=told.kind,
        meeting_id=told.meeting_id,
        state=told.state,
        decided_at=told.decided_at,
    )
    before = await views.put_message(view)
    if before is None:
        return "superseded"
    if envelope.sequence > before + 1:
        SEQUENCE_GAPS.labels(topic=event.topic).inc()
    return "handled"
