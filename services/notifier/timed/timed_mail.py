"""One mail that a course gives at its time, as a value. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.notifier.course_view import TimedChange
from services.notifier.planned import MessageKind, PlannedMessage, Stream, planned


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedMail:
    """`starts_at` and `version` are those of its meeting; `rule` is the programme's, "reminder:7".

    `offset` tells apart what one kind gives of one meeting: the working days of a reminder, "later" of the second evaluation.
    It goes out from `due_at`, an opening of the hours; from `useful_until` on it is not sent any more.
    """

    kind: MessageKind
    person_id: str
    meeting_id: str
    offset: str = ""
    rule: str
    starts_at: datetime
    version: int
    due_at: datetime
    useful_until: datetime
    stopped: bool = False
    moved_from: datetime | None = None

    @property
    def about(self) -> str:
        return ":".join(part for part in (self.kind, self.meeting_id, self.offset) if part)

    @property
    def key(self) -> str:
        """What staff stop or move. A meeting at another time has other mails."""
        return ":".join((self.about, self.person_id, f"{self.starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"))

    def changed_by(self, changes: Mapping[str, TimedChange]) -> "TimedMail":
        """As staff have it."""
        change = changes.get(self.key)
        if change is None:
            return self
        if change.due_at is None:
            return replace(self, stopped=change.stop)
        return replace(self, stopped=change.stop, due_at=change.due_at, moved_from=self.due_at)

    def message(self, application_id: str, *, sequence: int) -> PlannedMessage:
        """The message that it becomes: the same one of the same version of its meeting, however often it is made."""
        one = planned(
            Stream(application_id, "timed", sequence),
            self.person_id,
            self.kind,
            about=self.about,
            once=f"timed:{self.key}:{self.version}",
        )
        return replace(one, useful_until=self.useful_until)

    def was(self, message_id: str, application_id: str) -> bool:
        """Whether a message was made of an older version of its meeting, which was at the same time."""
        older = (replace(self, version=version) for version in range(self.version))
        return any(one.message(application_id, sequence=0).message_id == message_id for one in older)
