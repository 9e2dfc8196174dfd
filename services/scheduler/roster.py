"""Consultants as the roster knows them: what may stand there. Pure.

Facts about work stand in clear; who she is (name, address, phone) is sealed wherever it is stored, and the workplaces
that she may not serve are kept as keyed hashes.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.scheduler.problem import TRAVEL_MINUTES_MAX
from services.scheduler.workplace_hash import HASH_PATTERN, workplace_hash
from shared.events import ConsultantState, Person
from shared.mail_address import one_address
from shared.sealing import Sealed
from shared.wall_times import WeekHours
from shared.words import Code, Language

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""Neither `|` nor `#`: both are separators in claim keys. It stands in events and logs in clear: a number, never a name."""
COURSES_MAX = 100
LEAVE_PERIODS_MAX = 200
HOURS_PERIODS_MAX = 100
MUNICIPALITIES_MAX = 98
BLOCKED_WORKPLACES_MAX = 200

_Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Codes = Annotated[tuple[Code, ...], Field(max_length=100)]
_MunicipalityCode = Annotated[str, Field(max_length=60)]


class Leave(BaseModel):
    """Local days on which she does not work, both included. Why is nobody's business here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the first day of a leave must not be after the last")
        return self


class HoursPeriod(BaseModel):
    """Another week than the ordinary one from `first` to `last`, both included; None: until further notice.

    A week without hours is time off. No interval crosses midnight, so that one week ends and the other begins with a day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date | None = None
    hours: WeekHours

    @property
    def last_day(self) -> date:
        return self.last or date.max

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first:
            raise ValueError("the first day of a period must not be after the last")
        return self


def _apart(periods: tuple[HoursPeriod, ...]) -> tuple[HoursPeriod, ...]:
    """In the order of time, none in another."""
    in_order = tuple(sorted(periods, key=lambda one: one.first))
    if any(later.first <= earlier.last_day for earlier, later in pairwise(in_order)):
        raise ValueError("two periods share a day: each day has one week")
    return in_order


_HoursPeriods = Annotated[tuple[HoursPeriod, ...], Field(max_length=HOURS_PERIODS_MAX), AfterValidator(_apart)]
_LeavePeriods = Annotated[tuple[Leave, ...], Field(max_length=LEAVE_PERIODS_MAX)]
_CoursesMax = Annotated[int, Field(ge=1, le=COURSES_MAX)]


class _Work(BaseModel):
    """What facts and entries share. `themes` are those that she masters, `hours` those of an ordinary week.

    `travel_overrides` are minutes, one way, between her and a municipality, instead of those of the table.
    """

    active: bool = True
    municipality: _MunicipalityCode
    hours: WeekHours
    hours_by_period: _HoursPeriods = ()
    leave: _LeavePeriods = ()
    themes: _Codes
    sectors: _Codes = ()
    max_courses: _CoursesMax
    blocked_municipalities: Annotated[tuple[_MunicipalityCode, ...], Field(max_length=MUNICIPALITIES_MAX)] = ()
    travel_overrides: Annotated[
        dict[_MunicipalityCode, Annotated[int, Field(ge=0, le=TRAVEL_MINUTES_MAX)]],
        Field(max_length=MUNICIPALITIES_MAX),
    ] = {}


class RosterFacts(_Work):
    """What the matcher needs to know of a consultant; `blocked_workplaces` holds keyed hashes only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    blocked_workplaces: tuple[Annotated[str, Field(pattern=HASH_PATTERN)], ...] = ()


class BlockedWorkplace(BaseModel):
    """A workplace that she may not serve, as staff write it; never stored or shown like this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[_Line, Field(min_length=1)]
    postal_code: Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class RosterEntry(_Work):
    """One consultant as staff write her into the roster.

    `blocked_workplaces` left out keeps those that are known, since nobody can read them back; `[]` lifts them all.
    `blocked_workplaces_count` is what is shown instead, and is ignored when it is written back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    name: Annotated[_Line, Field(min_length=1)]
    mail: Annotated[_Line, AfterValidator(one_address)]
    phone: _Line = ""
    title: _Line = ""
    language: Language = "da"
    blocked_workplaces: Annotated[tuple[BlockedWorkplace, ...], Field(max_length=BLOCKED_WORKPLACES_MAX)] | None = None
    blocked_workplaces_count: int | None = None

    def facts(self, *, workplace_key: bytes = b"", known: Sequence[str] = ()) -> RosterFacts:
        """The facts to be stored, with hashes under the key; `known` are the hashes stored so far.

        Raises:
            ValueError: workplaces are blocked and there is no key.

        """
        blocked = tuple(known)
        if self.blocked_workplaces is not None:
            if self.blocked_workplaces and not workplace_key:
                raise ValueError("workplaces are blocked, and no key is given to hash them with")
            hashes = {workplace_hash(workplace_key, one.name, one.postal_code) for one in self.blocked_workplaces}
            blocked = tuple(sorted(hashes))
        return RosterFacts.model_validate({**self.model_dump(), "blocked_workplaces": blocked})

    def person(self) -> Person:
        return Person(
            person_id=self.id,
            function="consultant",
            name=self.name,
            title=self.title,
            mail=self.mail,
            phone=self.phone,
            language=self.language,
        )


class RosterChange(BaseModel):
    """What staff may change of an entry without writing all of it again; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    active: bool | None = None
    leave: _LeavePeriods | None = None
    hours_by_period: _HoursPeriods | None = None
    max_courses: _CoursesMax | None = None

    def on(self, facts: RosterFacts) -> RosterFacts:
        given: dict[str, Any] = {
            name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None
        }
        return facts.model_copy(update=given)


def consultant_state(
    consultant_id: str, facts: RosterFacts, *, changed_at: datetime, person: Sealed
) -> ConsultantState:
    """The state that events about a consultant carry."""
    return ConsultantState(
        consultant_id=consultant_id,
        active=facts.active,
        municipality=facts.municipality,
        themes=facts.themes,
        sectors=facts.sectors,
        max_courses=facts.max_courses,
        changed_at=changed_at,
        person=person,
    )
