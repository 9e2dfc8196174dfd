"""What staff can do to a course: one frozen class per act, told apart by `kind`. Pure values.

How pages and programs use them: `possible_acts(course, now)` names those that make sense now,
`preview.preview_act` tells which mails an act would send or why it cannot be done, `act_on_course.act_on_course` does it.
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.scheduler.course import Course
from services.scheduler.history import Reason
from services.scheduler.roster import ID_PATTERN
from services.scheduler.tailoring.changes import CHANGES_MAX, PlanChange, facts_of_changes
from shared.events import WallMoment

_ConsultantId = Annotated[str, Field(pattern=ID_PATTERN)]


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pin(_Act):
    """Only this consultant may lead the course. A booked one goes over to her, with as few changes as can be."""

    kind: Literal["pin"] = "pin"
    consultant: _ConsultantId


class Unpin(_Act):
    """Anybody may lead it again; what is booked stays."""

    kind: Literal["unpin"] = "unpin"


class Exclude(_Act):
    """This consultant takes no part in the course. Where she is booked, somebody else takes over."""

    kind: Literal["exclude"] = "exclude"
    consultant: _ConsultantId


class Include(_Act):
    """Takes an exclusion back; what is booked stays."""

    kind: Literal["include"] = "include"
    consultant: _ConsultantId


class Move(_Act):
    """One meeting gets another start: a wall time that `places.meeting_places` offers. It is looked at anew in the write."""

    kind: Literal["move"] = "move"
    meeting: Annotated[str, Field(max_length=60)]
    start: WallMoment


class TakeCounter(_Act):
    """The meeting moves to the time that somebody proposed, if that is still possible. `number` is the proposal's."""

    kind: Literal["take_counter"] = "take_counter"
    number: int


class DeclineCounter(_Act):
    """Whoever proposed the time is told that it cannot be, and what would be possible."""

    kind: Literal["decline_counter"] = "decline_counter"
    number: int


class Tailor(_Act):
    """The course's own plan is changed, and the rest placed anew with the least change; see `tailoring.changes`.

    `same_consultant`: nobody takes it over for that; else somebody may where that moves fewer meetings.
    """

    kind: Literal["tailor"] = "tailor"
    changes: Annotated[tuple[PlanChange, ...], Field(min_length=1, max_length=CHANGES_MAX)]
    same_consultant: bool = True


class CloseLink(_Act):
    """The links in the consultants' mails about this course open nothing any more; newer mails bring new ones."""

    kind: Literal["close_link"] = "close_link"


class PutBack(_Act):
    """All meetings are called off, and the application waits. It is not tried before `try_again`."""

    kind: Literal["put_back"] = "put_back"


class TryAgain(_Act):
    """The waiting list may try it again."""

    kind: Literal["try_again"] = "try_again"


class Cancel(_Act):
    """The course is off for good."""

    kind: Literal["cancel"] = "cancel"


class ExtendWindow(_Act):
    """A waiting course may begin up to a later day, and end as many days later."""

    kind: Literal["extend_window"] = "extend_window"
    latest_start: date


Act = Annotated[
    Pin
    | Unpin
    | Exclude
    | Include
    | Move
    | Tailor
    | CloseLink
    | PutBack
    | TryAgain
    | Cancel
    | ExtendWindow
    | TakeCounter
    | DeclineCounter,
    Field(discriminator="kind"),
]

DONE: Final = {
    "pin": "course.consultant_pinned",
    "unpin": "course.consultant_unpinned",
    "exclude": "course.consultant_excluded",
    "include": "course.consultant_included",
    "move": "course.meeting_moved",
    "tailor": "course.tailored",
    "close_link": "course.link_closed",
    "put_back": "course.put_back",
    "try_again": "course.tried_again",
    "cancel": "course.cancelled",
    "extend_window": "course.window_extended",
    "take_counter": "course.counter_taken",
    "decline_counter": "course.counter_declined",
}
"""Codes of the acts in the history and in the audit."""


class Order(_Act):
    """An act with its reason. `version` is the course's as staff saw it: without, whatever it is now.

    `mails` is the digest of the mails that they saw: without, whichever it sends now.
    """

    act: Act
    reason: Reason
    version: int | None = None
    mails: Annotated[str, Field(max_length=64)] | None = None


def facts_of(act: Act) -> dict[str, str]:
    """The act's own values as its history entry keeps them: ids, dates and wall times. No address of a venue is among them."""
    if isinstance(act, Tailor):
        return {"changes": facts_of_changes(act.changes)}
    return {name: str(value) for name, value in act.model_dump(mode="json", exclude={"kind"}).items()}


def possible_acts(course: Course, now: datetime) -> frozenset[str]:
    """Kinds of acts that are not refused for the state of the course alone."""
    if course.state not in ("booked", "waiting") or (course.state == "booked" and not course.is_to_come(now)):
        return frozenset()
    possible = {"pin", "exclude", "cancel"}
    if course.pinned is not None:
        possible.add("unpin")
    if course.excluded:
        possible.add("include")
    if course.state == "waiting":
        possible.add("extend_window")
        if course.held:
            possible.add("try_again")
        return frozenset(possible)
    possible |= {"move", "tailor", "close_link"}
    if course.open_counters:
        possible |= {"take_counter", "decline_counter"}
    if not any(meeting.start <= now for meeting in course.sittings):
        possible.add("put_back")
    return frozenset(possible)
