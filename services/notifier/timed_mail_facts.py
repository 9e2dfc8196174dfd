"""What mails that go out at their time tell, as plain values: before meetings, between them, and afterwards. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.notifier.fact_parts import MeetingFacts, PersonFacts, Reader


@dataclass(frozen=True, slots=True)
class HomeworkFacts:
    """To contacts, some time before the first meeting: what to do until then. `meeting.preparation` says it."""

    kind: ClassVar[str] = "homework"
    reference: str
    meeting: MeetingFacts
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class BriefingFacts:
    """To a consultant before the first meeting: where, who, how to reach them, all dates that she takes part in."""

    kind: ClassVar[str] = "briefing"
    reference: str
    meeting: MeetingFacts
    meetings: tuple[MeetingFacts, ...]
    people: tuple[PersonFacts, ...]
    workplaces: tuple[str, ...] = ()
    plan_url: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Of one meeting, `working_days` before it. `people`: whom the reader meets there."""

    kind: ClassVar[str] = "reminder"
    reference: str
    reader: Reader
    working_days: int
    meeting: MeetingFacts
    people: tuple[PersonFacts, ...] = ()
    status_url: str | None = None
    plan_url: str | None = None


@dataclass(frozen=True, slots=True)
class TrialCheckFacts:
    """To contacts, half-way between two meetings: how does it go with what was agreed on? `meeting` is the next of the two."""

    kind: ClassVar[str] = "trial_check"
    reference: str
    meeting: MeetingFacts
    consultant: str = ""
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class MaterialsFacts:
    """To contacts. Without `materials` the programme does not want them in a mail: they lie on the status page then."""

    kind: ClassVar[str] = "materials"
    reference: str
    meeting: MeetingFacts
    materials: tuple[MaterialFacts, ...] = ()
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationFacts:
    """To contacts, after the last meeting and once more months later (`later`): a questionnaire, answered without a name.

    `evaluation_url` is the same for everybody, so that answers are anonymous. `once_more`: there will be a later one.
    """

    kind: ClassVar[str] = "evaluation"
    reference: str
    evaluation_url: str
    last_meeting_on: date
    later: bool = False
    once_more: bool = False
