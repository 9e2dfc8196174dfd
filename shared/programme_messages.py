"""Which mails go out at their time, and when: all of it counted in working days. Pure values.

A kind that the programme leaves out is not sent.
"""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.programme_faults import fault_at
from shared.wall_times import Interval, minutes_of_day
from shared.words import Choice, Code, Words

WORKING_DAYS_MAX: Final = 60
REMINDERS_MAX: Final = 5
MATERIALS_MAX: Final = 10
"""Of one theme."""
PER_PERSON_PER_DAY_MAX: Final = 50
SEND_MINUTES_MIN: Final = 60

_WorkingDays = Annotated[int, Field(ge=1, le=WORKING_DAYS_MAX)]
_Url = Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BeforeFirst(_Part):
    """So many working days before the first meeting."""

    working_days_before: _WorkingDays


class Reminders(_Part):
    """Before each meeting, to whoever is invited to it: one mail per number of working days."""

    working_days_before: Annotated[tuple[_WorkingDays, ...], Field(min_length=1, max_length=REMINDERS_MAX)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        days = self.working_days_before
        if len(set(days)) < len(days):
            raise fault_at("working_days_before", "names a number of days twice")
        falling = sorted(days, reverse=True)
        if list(days) != falling:
            raise fault_at("working_days_before", f"must name the earliest reminder first: {falling}")
        return self


class TrialCheck(_Part):
    """Half-way between the two meetings of a trial (see the plans); none if they lie closer together than this."""

    least_days_between: Annotated[int, Field(ge=2, le=365)] = 14


class MaterialsMail(_Part):
    """Links to the materials of the course's themes. `in_body`: the mail names them; else it points to the status page."""

    working_days_before: _WorkingDays
    in_body: bool = False


class Evaluation(_Part):
    """A questionnaire: soon after the last meeting, and where `months_after` is given once more so many months after it."""

    url: _Url
    later_url: _Url | None = None
    working_days_after: _WorkingDays = 1
    months_after: Annotated[int, Field(ge=1, le=24)] | None = None


class Messages(_Part):
    """What goes out at its time.

    `send_hours`: on working days, in these hours. `per_person_per_day_max` counts all mails but those that calendars read.
    """

    send_hours: Interval = ("08:00", "16:00")
    per_person_per_day_max: Annotated[int, Field(ge=1, le=PER_PERSON_PER_DAY_MAX)] = 5
    homework: BeforeFirst | None = None
    briefing: BeforeFirst | None = None
    reminders: Reminders | None = None
    trial_check: TrialCheck | None = None
    materials: MaterialsMail | None = None
    evaluation: Evaluation | None = None

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        begin, end = (minutes_of_day(wall) for wall in self.send_hours)
        if end - begin < SEND_MINUTES_MIN:
            raise fault_at("send_hours", "must last an hour at least: what waits for them would never all go out")
        return self


class PlannedTrial(_Part):
    """Between these two meetings of a plan the workplace tries out what it has agreed on."""

    first: Code
    last: Code


class Material(_Part):
    """Something to read or use. It lies openly on a web page; which themes a course has is told to its people alone."""

    name: Words
    url: _Url


class Theme(Choice):
    """What a course may be about, with what there is to read about it."""

    materials: Annotated[tuple[Material, ...], Field(max_length=MATERIALS_MAX)] = ()
