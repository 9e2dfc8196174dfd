"""What the notifier knows of one application and its course, and what each person was last told: pure values."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events import ApplicationState, CourseState

COLLECTION = "courses"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldMeeting(NamedTuple):
    """The version of a meeting that lies in a person's calendar. A greater one is news."""

    sequence: int
    dtstamp: AwareDatetime


ToldApplication = Literal["received", "declined", "withdrawn"]


class Told(_Value):
    """What one person believes, as far as our mails go."""

    application: ToldApplication | None = None
    course: Literal["waiting", "booked", "completed"] | None = None
    meetings: dict[str, ToldMeeting] = {}


class Seen(_Value):
    """The last `ce_sequence` that was handled, by topic; 0 before the first."""

    applications: int = 0
    courses: int = 0


class View(_Value):
    """One document of the view. `version` 0: not stored yet.

    The sealed blocks of both states are sealed for their place in this document. The application's half and the
    course's half never look at each other when mails are planned: so it does not matter which topic is faster.
    """

    application_id: str
    version: int = 0
    seen: Seen = Seen()
    application: ApplicationState | None = None
    course: CourseState | None = None
    told: Mapping[str, Told] = {}
