"""What the mails about one meeting tell: beside calendar objects, and of answers and proposals, as plain values. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from services.notifier.fact_parts import MeetingFacts, Reader, TimeFacts

HeldAs = Literal["yes", "no", "maybe", "delegated", "other_time"]


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """The one sentence beside a calendar REQUEST; `changed` for every one after the first.

    `reworded`: only the text is another one, under the same SEQUENCE, so an answer that was given stays.
    """

    kind: ClassVar[str] = "invite"
    meeting: MeetingFacts
    changed: bool = False
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class CancellationFacts:
    """The one sentence beside a calendar CANCEL; without `whole_meeting` it is off for this reader only."""

    kind: ClassVar[str] = "cancellation"
    meeting: MeetingFacts
    whole_meeting: bool = True


@dataclass(frozen=True, slots=True)
class CounterDeclinedFacts:
    """Beside a calendar DECLINECOUNTER: the time that the reader proposed, and up to three that are possible."""

    kind: ClassVar[str] = "counter_declined"
    reference: str
    reader: Reader
    meeting: MeetingFacts
    proposed: TimeFacts | None = None
    possible: tuple[TimeFacts, ...] = ()
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmAnswerFacts:
    """An answer that counts only once its reader says that it is hers. `until` is an aware wall time in the programme's zone.

    `meeting` is None where we do not know it (yet).
    """

    kind: ClassVar[str] = "confirm_answer"
    reference: str
    answer: HeldAs
    until: datetime
    answer_url: str
    meeting: MeetingFacts | None = None
    proposed: TimeFacts | None = None
