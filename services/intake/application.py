"""The application as an applicant fills it in: one model for the JSON endpoint and for the form.

It holds the shape of each field; what the fields must be together, `application_rules` knows. Pure.
"""

from datetime import date, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.intake.application_examples import JOINT, SINGLE
from services.intake.field_types import (
    ChoiceCode,
    Clock,
    Day,
    Email,
    FreeText,
    IsoWeek,
    Line,
    Name,
    OptionalLine,
    Phone,
    PostalCode,
    StartClock,
)
from shared.wall_times import Weekday
from shared.words import Language

EMPLOYEES_MAX: Final = 50_000
PARTICIPANTS_MAX: Final = 500
COMMITTEES_MAX: Final = 100
WORKPLACES_MAX: Final = 40
MUNICIPALITIES_MAX: Final = 20
THEMES_MAX: Final = 20
OTHER_CONTACTS_MAX: Final = 8
AVOIDED_HOURS_MAX: Final = 20
UNAVAILABLE_MAX: Final = 50
WEEKS_OUT_MAX: Final = 60


class Part(BaseModel):
    """Frozen; unknown fields are refused. Show and log errors by `faults_from` only: printed, they name unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Committee(Part):
    """Who applies."""

    kind: Annotated[ChoiceCode, Field(description="Code of the committee, e.g. trio or hovedmed.", examples=["trio"])]
    name: Annotated[OptionalLine, Field(description="Its own name, where it has one, e.g. HovedMED Ringsted.")] = ""


class Workplace(Part):
    """A workplace that takes part. The plan of a course tells which of them, in their order, is host of which meeting."""

    name: Line
    street: Annotated[Line, Field(description="Street and number.", examples=["Sct. Bendtsgade 1"])]
    postal_code: PostalCode
    town: Line
    municipality: Annotated[ChoiceCode, Field(description="Three-digit code.", examples=["329"])]


class Person(Part):
    """What every contact gives."""

    name: Name
    title: Annotated[OptionalLine, Field(description="Job title.")] = ""
    email: Annotated[Email, Field(description="The person's own work address.", examples=["anne@kommune.example"])]
    phone: Annotated[Phone, Field(description="8 digits, or + and the country code.", examples=["57 62 60 00"])]
    language: Annotated[Language, Field(description="Language of this person's mails and invites.")] = "da"


class Leader(Person):
    """The leader who stands behind the application."""

    title: Annotated[Line, Field(description="Job title.", examples=["Afdelingsleder"])]


class EmployeeRepresentative(Person):
    """The employees' side. The role says nothing about a union, and the union is never asked for."""

    role: Annotated[
        Literal["tr", "amr", "other"],
        Field(description="Union representative, health and safety representative, or other employee representative."),
    ]


class OtherContact(Person):
    """Somebody else who is to have the invites."""

    role: Annotated[
        Literal["leader", "tr", "amr", "coordinator", "other"],
        Field(description="Function; coordinator is the one who holds a joint course together (tovholder)."),
    ]


class Contacts(Part):
    leader: Leader
    employee_representative: EmployeeRepresentative
    others: Annotated[tuple[OtherContact, ...], Field(max_length=OTHER_CONTACTS_MAX)] = ()


class Unavailable(Part):
    """Days on which the workplace cannot meet, or a part of a day where both times are given (wall times)."""

    first_day: Day
    last_day: Day
    from_time: StartClock | None = None
    to_time: Clock | None = None

    def wall_interval(self) -> tuple[str, str]:
        """Return from (included) and to (not included) as wall times, e.g. ("2027-02-08T12:00", "2027-02-08T16:00")."""
        if self.from_time is None or self.to_time is None or self.to_time == "24:00":
            return f"{self.first_day}T{self.from_time or '00:00'}", f"{self.last_day + timedelta(days=1)}T00:00"
        return f"{self.first_day}T{self.from_time}", f"{self.last_day}T{self.to_time}"


class AvoidedHours(Part):
    """Hours of a weekday in which the workplace can never meet; `to_time` is not included."""

    weekday: Weekday
    from_time: StartClock
    to_time: Clock


class PreferredHours(Part):
    from_time: StartClock
    to_time: Clock


class Wishes(Part):
    """When meetings suit the workplace. All wall times are Danish time."""

    avoid_weekdays: Annotated[
        tuple[Weekday, ...],
        Field(max_length=7, description="Weekdays that suit badly."),
    ] = ()
    avoid_hours: Annotated[
        tuple[AvoidedHours, ...],
        Field(max_length=AVOIDED_HOURS_MAX, description="Hours in which no meeting can be held, every week."),
    ] = ()
    unavailable: Annotated[
        tuple[Unavailable, ...],
        Field(max_length=UNAVAILABLE_MAX, description="When no meeting can be held."),
    ] = ()
    weeks_out: Annotated[
        tuple[IsoWeek, ...],
        Field(max_length=WEEKS_OUT_MAX, description="Whole ISO weeks without meetings."),
    ] = ()
    preferred_hours: Annotated[PreferredHours | None, Field(description="Hours of the day that suit best.")] = None

    def unavailable_intervals(self) -> tuple[tuple[str, str], ...]:
        """Return the periods and the whole weeks in which no meeting can be held, as wall times, to not included."""
        return (*(period.wall_interval() for period in self.unavailable), *(_week(week) for week in self.weeks_out))


class ApplicationForm(Part):
    """An application for a course."""

    model_config = ConfigDict(json_schema_extra={"examples": [SINGLE, JOINT]})

    kind: Annotated[
        Literal["single", "joint"],
        Field(description="single: a course for one workplace; joint: one for several (fællesforløb)."),
    ]
    format: Annotated[
        ChoiceCode | None,
        Field(
            description="Code of how the course is held, where several ways are offered; left out: the first of them.",
            examples=["two_meetings"],
        ),
    ] = None
    committee: Committee
    municipalities: Annotated[
        tuple[ChoiceCode, ...],
        Field(min_length=1, max_length=MUNICIPALITIES_MAX, description="Three-digit codes."),
    ]
    workplaces: Annotated[tuple[Workplace, ...], Field(min_length=1, max_length=WORKPLACES_MAX)]
    sector: Annotated[ChoiceCode, Field(description="Code of the sector.", examples=["jobcenter"])]
    employees: Annotated[
        int, Field(strict=True, ge=1, le=EMPLOYEES_MAX, description="Employees at the workplaces together.")
    ]
    participants: Annotated[
        int, Field(strict=True, ge=2, le=PARTICIPANTS_MAX, description="People who take part in the meetings.")
    ]
    committees_expected: Annotated[
        int | None,
        Field(strict=True, ge=1, le=COMMITTEES_MAX, description="Joint courses: TRIOs or MED committees expected."),
    ] = None
    contacts: Contacts
    themes: Annotated[
        tuple[ChoiceCode, ...],
        Field(min_length=1, max_length=THEMES_MAX, description="Codes of one or more themes."),
    ]
    challenge: Annotated[
        FreeText,
        Field(description="The challenge in short. No names, nothing about health, no single cases."),
    ]
    desired_change: Annotated[FreeText, Field(description="What should be different. No names here either.")]
    earliest_start: Annotated[
        Day | None,
        Field(description="No meeting before this day; left out: as soon as possible. Within half a year."),
    ] = None
    wishes: Wishes = Wishes()
    agreed: Annotated[StrictBool, Field(description="Leader and employees agree on applying. Must be true.")]
    evaluation: Annotated[StrictBool, Field(description="Time is set aside, also for the evaluation. Must be true.")]
    privacy_read: Annotated[StrictBool, Field(description="The privacy notice was read. Must be true.")]

    def people(self) -> tuple[tuple[str, Person], ...]:
        """Return all contacts with the path of each in the form, leader and employee representative first."""
        others = ((f"contacts.others.{number}", one) for number, one in enumerate(self.contacts.others))
        return (
            ("contacts.leader", self.contacts.leader),
            ("contacts.employee_representative", self.contacts.employee_representative),
            *others,
        )


def _week(iso_week: str) -> tuple[str, str]:
    monday = date.fromisocalendar(int(iso_week[:4]), int(iso_week[-2:]), 1)
    return f"{monday}T00:00", f"{monday + timedelta(days=7)}T00:00"
