"""A course plan: the template of a course, its meetings in order, and the formats among which the applicant chooses.

A plan without formats is held in one way only.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.programme_faults import fault_at
from shared.programme_meetings import FORMATS_MAX, Days, PlannedMeeting, days_over
from shared.programme_messages import PlannedTrial
from shared.words import Choice, Code, Words

MEETINGS_MAX: Final = 20


class PlannedSpan(BaseModel):
    """A promise about two meetings that need not follow each other, kept by the gaps between them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Code
    last: Code
    min_days: Days
    max_days: Days


class PlanFormat(Choice):
    """A way to hold a course; the first one of a plan is taken where nobody has chosen. `hint` helps to choose."""

    hint: Words | None = None


class CoursePlan(BaseModel):
    """The meetings of one kind of course, in order: `meetings` are those of all formats, `meetings_of` those of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words
    formats: Annotated[tuple[PlanFormat, ...], Field(max_length=FORMATS_MAX)] = ()
    meetings: Annotated[tuple[PlannedMeeting, ...], Field(min_length=1, max_length=MEETINGS_MAX)]
    spans: tuple[PlannedSpan, ...] = ()
    trials: tuple[PlannedTrial, ...] = ()

    @field_validator("formats")
    @classmethod
    def _own_format_codes(cls, formats: tuple[PlanFormat, ...]) -> tuple[PlanFormat, ...]:
        for place, one in enumerate(formats):
            if one.code in {other.code for other in formats[:place]}:
                raise fault_at(f"[{place}].code", "stands twice in this plan: give each format its own code")
        return formats

    @field_validator("meetings")
    @classmethod
    def _own_codes(cls, meetings: tuple[PlannedMeeting, ...]) -> tuple[PlannedMeeting, ...]:
        seen: set[str] = set()
        for place, meeting in enumerate(meetings):
            if meeting.code in seen:
                raise fault_at(f"[{place}].code", "stands twice in this plan: give each meeting its own code")
            seen.add(meeting.code)
        return meetings

    @model_validator(mode="after")
    def _chained(self) -> Self:
        known = {one.code for one in self.formats}
        for place, meeting in enumerate(self.meetings):
            for number, code in enumerate(meeting.formats):
                if code not in known:
                    raise fault_at(f"meetings[{place}].formats[{number}]", "is no format of this plan")
        for chosen in self.format_codes():
            places = self._places_of(chosen)
            if not places:
                raise fault_at("formats", f"has no meeting in the format {chosen!r}")
            for place in places:
                if (self.meetings[place].gap_days is None) != (place == places[0]):
                    first = "must be left out: nothing comes before the first meeting"
                    text = first if place == places[0] else "is missing: add it"
                    raise fault_at(f"meetings[{place}].gap_days", text)
        return self

    @model_validator(mode="after")
    def _spans_hold(self) -> Self:
        known = {meeting.code for meeting in self.meetings}
        for number, span in enumerate(self.spans):
            for end in ("first", "last"):
                if getattr(span, end) not in known:
                    raise fault_at(f"spans[{number}].{end}", "names no meeting of this plan")
            for least, most in self._lengths(span):
                if not span.min_days <= least <= most <= span.max_days:
                    text = f"is not kept: the gaps between the two meetings allow {least} to {most} days"
                    raise fault_at(f"spans[{number}]", text)
        return self

    @model_validator(mode="after")
    def _trials_lie_between(self) -> Self:
        places = {meeting.code: place for place, meeting in enumerate(self.meetings)}
        for number, trial in enumerate(self.trials):
            for end in ("first", "last"):
                if getattr(trial, end) not in places:
                    raise fault_at(f"trials[{number}].{end}", "names no meeting of this plan")
            if places[trial.first] >= places[trial.last]:
                raise fault_at(f"trials[{number}].last", "must come after the first")
            if trial.last in (one.last for one in self.trials[:number]):
                raise fault_at(
                    f"trials[{number}].last", "ends another trial, too: people would be asked about one of them"
                )
        return self

    def format_codes(self) -> tuple[str | None, ...]:
        """The codes of the formats, the one to take unasked first; only None where the plan has none."""
        return tuple(one.code for one in self.formats) or (None,)

    def format_or_first(self, code: str | None) -> PlanFormat | None:
        """The format of this code; the first one where the plan does not have it (any more), None where it has none."""
        found = (one for one in self.formats if one.code == code)
        return next(found, self.formats[0] if self.formats else None)

    def meetings_of(self, code: str | None = None) -> tuple[PlannedMeeting, ...]:
        """The meetings in the format of this code, see `format_or_first`."""
        return tuple(self.meetings[place] for place in self._places_of(code))

    def meeting(self, code: str) -> PlannedMeeting | None:
        """The meeting of this code, in whichever format."""
        return next((one for one in self.meetings if one.code == code), None)

    def path_of(self, meeting: PlannedMeeting) -> str:
        """Where a meeting stands, as faults name it: `meetings[2]`."""
        return f"meetings[{self.meetings.index(meeting)}]"

    def least_days(self, code: str | None = None) -> int:
        """Return the days from the first meeting to the last where every gap is as short as allowed."""
        return days_over(self.meetings_of(code)[1:])[0]

    def notice_days(self, code: str | None = None, *, first_meeting: int, first_workshop: int) -> int:
        """Return how many days ahead the first meeting must lie so that both kinds of notice are kept.

        A workshop later in the plan gets its notice from the shortest gaps before it; where they do not suffice,
        the first meeting is moved out.
        """
        meetings = self.meetings_of(code)
        for place, meeting in enumerate(meetings):
            if meeting.kind == "workshop":
                needed = first_workshop - days_over(meetings[1 : place + 1])[0]
                return max(needed, first_meeting) if place else first_workshop
        return first_meeting

    def _places_of(self, code: str | None) -> list[int]:
        chosen = self.format_or_first(code)
        return [
            place
            for place, meeting in enumerate(self.meetings)
            if chosen is None or not meeting.formats or chosen.code in meeting.formats
        ]

    def _lengths(self, span: PlannedSpan) -> Iterator[tuple[int, int]]:
        """The days that a span may last, in each format that has both of its ends."""
        for code in self.format_codes():
            meetings = self.meetings_of(code)
            places = {meeting.code: place for place, meeting in enumerate(meetings)}
            if span.first in places and span.last in places:
                yield days_over(meetings[places[span.first] + 1 : places[span.last] + 1])
