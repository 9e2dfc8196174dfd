"""What the notifier knows of one application and its course, and what each person was last told: pure values."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.course_facts import Cause, Stall
from shared.events import ApplicationState, CourseState, Meeting, Person
from shared.sealing import Sealed

COLLECTION = "courses"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToldMeeting(NamedTuple):
    """The version of a meeting that lies in a person's calendar. A greater one is news."""

    sequence: int
    dtstamp: AwareDatetime


def versions(state: CourseState, person: Person) -> dict[str, ToldMeeting]:
    """By meeting, the version of each REQUEST to the person."""
    stamps = {meeting.meeting_id: meeting.dtstamp for meeting in state.meetings}
    return {
        one.meeting_id: ToldMeeting(one.sequence, one.dtstamp or stamps[one.meeting_id])
        for one in person.invites
        if one.method == "REQUEST"
    }


ToldApplication = Literal["received", "declined", "withdrawn"]


class Told(_Value):
    """What one person believes, as far as our mails go.

    `stall`: since when something of the course has been in doubt. `counters`: numbers of her proposals that were declined.
    """

    application: ToldApplication | None = None
    course: Literal["waiting", "booked", "completed"] | None = None
    meetings: dict[str, ToldMeeting] = {}
    stall: AwareDatetime | None = None
    counters: tuple[int, ...] = ()


class ToldCourse(_Value):
    """A course as people were last told of it, as far as a mail can say what was. Nobody's data is in it."""

    state: Literal["booked", "waiting", "cancelled", "completed"]
    consultant_id: str | None = None
    second_id: str | None = None
    meetings: tuple[Meeting, ...] = ()
    stall: Stall | None = None

    @classmethod
    def of(cls, state: CourseState) -> Self:
        return cls(
            state=state.state,
            consultant_id=state.consultant_id,
            second_id=state.second_id,
            meetings=state.meetings,
            stall=state.stall,
        )


class Settling(_Value):
    """Changes that nobody was told of yet. They are told at `due` if nothing more comes until then.

    `telling`: somebody has begun to tell them, and whoever comes next ends it before anything else is taken in.
    """

    since: AwareDatetime
    due: AwareDatetime
    telling: bool = False
    causes: tuple[Cause, ...] = ()
    traceparent: str = ""


class TimedChange(_Value):
    """What staff did to one timed mail: stopped it, or had it go out at another time. `reason` is sealed for the view."""

    stop: bool = False
    due_at: AwareDatetime | None = None
    by: str = ""
    at: AwareDatetime
    reason: Sealed | None = None


class Timed(_Value):
    """How far the mails of a course that go out at their time have come. All that were due before `next_at` are done with.

    None: there are none to come. `owed` are keys of mails that were due when the course changed, and are still to be sent; `held`
    are those of mails not done with that are kept back while their meetings are in doubt.
    `programme` marks the settings that `next_at` was worked out with, `rules` are the ones that it had: a new rule sends nothing
    that was due before anybody knew it. `changes` are by the mails' keys.
    """

    next_at: AwareDatetime | None = None
    owed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    programme: str = ""
    changes: dict[str, TimedChange] = {}


class Seen(_Value):
    """The last `ce_sequence` that was handled, by topic; 0 before the first."""

    applications: int = 0
    courses: int = 0


class View(_Value):
    """One document of the view. `version` 0: not stored yet.

    The sealed blocks of both states are sealed for their place in this document. The application's half and the
    course's half never look at each other when mails are planned: so it does not matter which topic is faster.
    `addresses` are the digests of the addresses that contacts had, the newest last, as the application told them.
    `course_addresses` are those that mails about the course go to; `address_mark` stands for the key of these digests.
    `seen_returned` is the number of the last report about a mail that came back.
    `timed_at`: when the sweep of timed mails should look at it next; None: there is nothing to look for.
    """

    application_id: str
    version: int = 0
    seen: Seen = Seen()
    application: ApplicationState | None = None
    course: CourseState | None = None
    told: Mapping[str, Told] = {}
    told_course: ToldCourse | None = None
    settling: Settling | None = None
    addresses: Mapping[str, tuple[str, ...]] = {}
    course_addresses: Mapping[str, str] = {}
    seen_returned: int = 0
    address_mark: str = ""
    timed: Timed | None = None
    timed_at: AwareDatetime | None = None
