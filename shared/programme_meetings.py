"""One planned meeting of a course: how long, where, who is host, how many days after the one before. Pure."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.programme_faults import fault_at
from shared.words import Code, Words

MeetingKind = Literal["opening", "planning", "workshop", "meeting", "follow_up"]

GRAIN_MINUTES: Final = 30
MEETING_MINUTES_MAX: Final = 8 * 60
FORMATS_MAX: Final = 5
GAP_DAYS_MAX: Final = 365
HOSTS_MAX: Final = 40
"""No application names more workplaces."""

Days = Annotated[int, Field(ge=1, le=GAP_DAYS_MAX)]


class GapDays(BaseModel):
    """Days from the local date of the meeting before to this one's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: Days
    ideal: Days
    max: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.min <= self.ideal <= self.max:
            raise fault_at("ideal", "must lie between min and max")
        return self


class PlannedMeeting(BaseModel):
    """One meeting of a plan. `co`: a second consultant takes part where the course is large enough for two.

    `formats` are those that have this meeting; none named: all. `host` tells which workplace of the application it is
    held at: 1 is the first, and "turn" takes the next one at each such meeting, from the first on. `preparation` is what
    the participants do beforehand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    kind: MeetingKind
    name: Words
    minutes: Annotated[int, Field(ge=GRAIN_MINUTES, le=MEETING_MINUTES_MAX, multiple_of=GRAIN_MINUTES)]
    place: Literal["workplace", "online"]
    host: int | Literal["turn"] = 1
    gap_days: GapDays | None = None
    co: bool = False
    participants: Words
    preparation: Words | None = None
    formats: Annotated[tuple[Code, ...], Field(max_length=FORMATS_MAX)] = ()

    @field_validator("host", mode="before")
    @classmethod
    def _number_or_turn(cls, host: object) -> object:
        if host == "turn" or (type(host) is int and 1 <= host <= HOSTS_MAX):
            return host
        raise fault_at("", f'must be the number of a workplace, 1 to {HOSTS_MAX}, or "turn"')

    @model_validator(mode="after")
    def _hosted_where_people_meet(self) -> Self:
        if self.place == "online" and "host" in self.model_fields_set:
            raise fault_at("host", "must be left out: nobody is host of a meeting online")
        return self


def hosts_of(meetings: Sequence[PlannedMeeting], workplaces: int) -> tuple[int, ...]:
    """Which of so many workplaces, counted from 0, is host of each meeting; meetings online have 0.

    Where the application has no workplace of the number that the plan names, the first one is host.
    """
    hosts: list[int] = []
    turns = 0
    for meeting in meetings:
        if meeting.host == "turn":
            hosts.append(turns % workplaces)
            turns += 1
        else:
            hosts.append(meeting.host - 1 if meeting.host <= workplaces else 0)
    return tuple(hosts)


def days_over(meetings: Sequence[PlannedMeeting]) -> tuple[int, int]:
    """The least and the most days that the gaps before these meetings add up to."""
    gaps = [meeting.gap_days for meeting in meetings if meeting.gap_days]
    return sum(gap.min for gap in gaps), sum(gap.max for gap in gaps)
