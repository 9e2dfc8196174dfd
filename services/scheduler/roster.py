"""Consultants as the roster knows them: what may stand there, and what is wrong with an entry. Pure.

Facts about work stand in clear; who she is (name, address, phone) is sealed wherever it is stored.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.events import ConsultantState, Person
from shared.mail_address import one_address
from shared.programme import Programme
from shared.reference.municipalities import Municipalities
from shared.sealing import Sealed
from shared.wall_times import WeekHours
from shared.words import Code, Language

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""Neither `|` nor `#`: both are separators in claim keys. It stands in events and logs in clear: a number, never a name."""
COURSES_MAX = 100
LEAVE_PERIODS_MAX = 200

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


class RosterFacts(BaseModel):
    """What the matcher needs to know of a consultant. `themes` are those that she masters."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    active: bool = True
    municipality: _MunicipalityCode
    hours: WeekHours
    leave: Annotated[tuple[Leave, ...], Field(max_length=LEAVE_PERIODS_MAX)] = ()
    themes: _Codes
    sectors: _Codes = ()
    max_courses: Annotated[int, Field(ge=1, le=COURSES_MAX)]
    blocked_municipalities: Annotated[tuple[_MunicipalityCode, ...], Field(max_length=98)] = ()


class RosterEntry(RosterFacts):
    """One consultant as staff write her into the roster."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=ID_PATTERN)]
    name: Annotated[_Line, Field(min_length=1)]
    mail: Annotated[_Line, AfterValidator(one_address)]
    phone: _Line = ""
    title: _Line = ""
    language: Language = "da"

    def facts(self) -> RosterFacts:
        return RosterFacts.model_validate(self.model_dump())

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
    leave: Annotated[tuple[Leave, ...], Field(max_length=LEAVE_PERIODS_MAX)] | None = None

    def on(self, facts: RosterFacts) -> RosterFacts:
        given = {name: value for name in ("active", "leave") if (value := getattr(self, name)) is not None}
        return facts.model_copy(update=given)


@dataclass(frozen=True, slots=True)
class RosterFault:
    """One wrong field. The reason never repeats what was written there."""

    field: str
    reason: str


def faults_of(error: ValidationError) -> list[RosterFault]:
    """The faults that the model itself finds."""
    return [
        RosterFault(
            ".".join(str(step) for step in row["loc"]) or "entry",
            "is missing" if row["type"] == "missing" else row["msg"].removeprefix("Value error, "),
        )
        for row in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def check(
    entry: RosterEntry, *, programme: Programme, municipalities: Municipalities
) -> tuple[RosterEntry, list[RosterFault]]:
    """The entry with municipalities as codes, and what does not fit the programme or the country."""
    faults: list[RosterFault] = []
    codes = municipality_codes(municipalities)

    def code_of(field: str, text: str) -> str:
        code = codes.get(text.strip().lstrip("0").casefold())
        if code is None:
            faults.append(RosterFault(field, "is no Danish municipality: write its name, or its code such as 329"))
        return code or text

    municipality = code_of("municipality", entry.municipality)
    blocked = tuple(code_of("blocked_municipalities", text) for text in entry.blocked_municipalities)
    for field, known in (("themes", programme.themes), ("sectors", programme.sectors)):
        allowed = {choice.code for choice in known}
        if not allowed.issuperset(getattr(entry, field)):
            faults.append(
                RosterFault(field, f"holds a code that the programme does not have: use {', '.join(sorted(allowed))}")
            )
    if not entry.hours.by_weekday():
        faults.append(RosterFault("hours", "are missing: give at least one weekday its working hours"))
    return entry.model_copy(update={"municipality": municipality, "blocked_municipalities": blocked}), faults


def municipality_codes(municipalities: Municipalities) -> dict[str, str]:
    """Codes by everything that people call a municipality, in lower case: code, official name, short name."""
    return {name.casefold(): one.code for one in municipalities for name in (one.code, one.name, one.short_name)}


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
