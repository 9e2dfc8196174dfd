"""A course plan: the template of a course, its meetings in order, their lengths and the days between them."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.programme_faults import fault_at
from shared.words import Code, Words

CourseKind = Literal["single", "joint", "network"]
MeetingKind = Literal["opening", "planning", "workshop", "meeting", "follow_up"]

GRAIN_MINUTES: Final = 30
MEETING_MINUTES_MAX: Final = 8 * 60
MEETINGS_MAX: Final = 20
GAP_DAYS_MAX: Final = 365

_Days = Annotated[int, Field(ge=1, le=GAP_DAYS_MAX)]


class GapDays(BaseModel):
    """Days from the local date of the meeting before to this one's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: _Days
    ideal: _Days
    max: _Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.min <= self.ideal <= self.max:
            raise fault_at("ideal", "must lie between min and max")
        return self


class PlannedMeeting(BaseModel):
    """One meeting of a plan. `co`: a second consultant takes part where the course is large enough for two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    kind: MeetingKind
    name: Words
    minutes: Annotated[int, Field(ge=GRAIN_MINUTES, le=MEETING_MINUTES_MAX, multiple_of=GRAIN_MINUTES)]
    place: Literal["workplace", "online"]
    gap_days: GapDays | None = None
    co: bool = False
    participants: Words


class PlannedSpan(BaseModel):
    """A promise about two meetings that need not follow each other, kept by the gaps between them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Code
    last: Code
    min_days: _Days
    max_days: _Days


class CoursePlan(BaseModel):
    """The meetings of one kind of course, in order. A joint course meets at the first workplace of its application."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words
    meetings: Annotated[tuple[PlannedMeeting, ...], Field(min_length=1, max_length=MEETINGS_MAX)]
    spans: tuple[PlannedSpan, ...] = ()

    @field_validator("meetings")
    @classmethod
    def _chained(cls, meetings: tuple[PlannedMeeting, ...]) -> tuple[PlannedMeeting, ...]:
        seen: set[str] = set()
        for place, meeting in enumerate(meetings):
            if meeting.code in seen:
                raise fault_at(f"[{place}].code", "stands twice in this plan: give each meeting its own code")
            seen.add(meeting.code)
            if (meeting.gap_days is None) != (place == 0):
                what = (
                    "must be left out: nothing comes before the first meeting" if place == 0 else "is missing: add it"
                )
                raise fault_at(f"[{place}].gap_days", what)
        return meetings

    @model_validator(mode="after")
    def _spans_hold(self) -> Self:
        places = {meeting.code: place for place, meeting in enumerate(self.meetings)}
        for number, span in enumerate(self.spans):
            for end in ("first", "last"):
                if getattr(span, end) not in places:
                    raise fault_at(f"spans[{number}].{end}", "names no meeting of this plan")
            least, most = self._days_between(places[span.first], places[span.last])
            if not span.min_days <= least <= most <= span.max_days:
                raise fault_at(
                    f"spans[{number}]",
                    f"is not kept: the gaps between the two meetings allow {least} to {most} days",
                )
        return self

    def least_days(self) -> int:
        """Return the days from the first meeting to the last where every gap is as short as allowed."""
        return self._days_between(0, len(self.meetings) - 1)[0]

    def notice_days(self, *, first_meeting: int, first_workshop: int) -> int:
        """Return how many days ahead the first meeting must lie so that both kinds of notice are kept.

        A workshop later in the plan gets its notice from the shortest gaps before it; where they do not suffice,
        the first meeting is moved out.
        """
        for place, meeting in enumerate(self.meetings):
            if meeting.kind == "workshop":
                needed = first_workshop - self._days_between(0, place)[0]
                return max(needed, first_meeting) if place else first_workshop
        return first_meeting

    def _days_between(self, first: int, last: int) -> tuple[int, int]:
        gaps = [meeting.gap_days for meeting in self.meetings[first + 1 : last + 1] if meeting.gap_days]
        return sum(gap.min for gap in gaps), sum(gap.max for gap in gaps)
