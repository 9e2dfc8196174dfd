"""What may be changed in the plan of a booked course, one value per change. Pure.

Meetings are named by their codes; nothing that anybody types is among the values, but for the address of a new venue.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.scheduler.own_plan import PlanGap
from shared.events import Workplace
from shared.programme_meetings import GAP_DAYS_MAX, GRAIN_MINUTES, HOSTS_MAX, MEETING_MINUTES_MAX
from shared.words import Code

CHANGES_MAX: Final = 60
"""Changes of one act: more than a plan has meetings, twice over."""
LINE_CHARACTERS_MAX: Final = 200

Days = Annotated[int, Field(ge=1, le=GAP_DAYS_MAX)]
Minutes = Annotated[int, Field(ge=GRAIN_MINUTES, le=MEETING_MINUTES_MAX, multiple_of=GRAIN_MINUTES)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE_CHARACTERS_MAX)]
ExtraKind = Literal["planning", "workshop", "meeting", "follow_up"]
"""There is one opening meeting only."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Gap(_Part):
    """Days from the local date of the meeting before."""

    min: Days
    ideal: Days
    max: Days

    @model_validator(mode="after")
    def _in_order(self) -> "Gap":
        if not self.min <= self.ideal <= self.max:
            raise ValueError("the days are not in order")
        return self

    def in_plan(self) -> PlanGap:
        return PlanGap(min=self.min, ideal=self.ideal, max=self.max)


class NewVenue(_Part):
    """A place that is no workplace of the application. It is kept sealed."""

    name: Line
    street: Line
    postal_code: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    town: Line
    municipality: Annotated[str, Field(pattern=r"^[0-9]{3}$")]

    def as_workplace(self) -> Workplace:
        return Workplace.model_validate(self.model_dump())


class Online(_Part):
    at: Literal["online"] = "online"


class KnownPlace(_Part):
    """A workplace of the application, or one of the course's venues, counted as its meetings count them."""

    at: Literal["place"] = "place"
    number: Annotated[int, Field(ge=0, lt=2 * HOSTS_MAX)]


class OtherVenue(_Part):
    at: Literal["venue"] = "venue"
    venue: NewVenue


Where = Annotated[Online | KnownPlace | OtherVenue, Field(discriminator="at")]


class Drop(_Part):
    """A meeting is not held. What follows keeps its distance to what came before."""

    change: Literal["drop"] = "drop"
    meeting: Code


class Add(_Part):
    """One more meeting, so many days after another one. What follows keeps its distance to that one as far as can be."""

    change: Literal["add"] = "add"
    after: Code
    kind: ExtraKind
    minutes: Minutes
    place: Where
    gap: Gap


class Alter(_Part):
    """Another length, place or gap; what is None stays."""

    change: Literal["alter"] = "alter"
    meeting: Code
    minutes: Minutes | None = None
    place: Where | None = None
    gap: Gap | None = None


class Join(_Part):
    """This meeting and the next one become one, as long as the programme's whole day. What follows counts its days from it."""

    change: Literal["join"] = "join"
    meeting: Code


PlanChange = Annotated[Drop | Add | Alter | Join, Field(discriminator="change")]


def facts_of_changes(changes: tuple[PlanChange, ...]) -> str:
    """The changes as the course's history keeps them: codes and numbers only."""
    return " ".join(_fact(one) for one in changes)


def _fact(change: PlanChange) -> str:
    if isinstance(change, Add):
        return f"add:{change.after}:{change.kind}:{change.minutes}"
    if isinstance(change, Alter):
        parts = [name for name in ("minutes", "place", "gap") if getattr(change, name) is not None]
        return f"alter:{change.meeting}:{'+'.join(parts)}"
    return f"{change.change}:{change.meeting}"
