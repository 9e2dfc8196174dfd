"""The configuration of one organisation: its themes, course plans, periods, sender and rules, read from a TOML file.

Nothing that one organisation decides is written in code; another programme is another file.
"""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.events import CourseKind
from shared.programme_faults import ProgrammeError, ProgrammeFault, fault_at, faults_of
from shared.programme_fit import unfit
from shared.programme_messages import Messages, Theme
from shared.programme_organisation import Accessibility, AcuteHelp, Organisation
from shared.programme_parts import (
    Closed,
    CommitteeKind,
    Coordinators,
    Links,
    Mail,
    Matching,
    Retention,
    Sender,
    Windows,
)
from shared.programme_plans import CoursePlan
from shared.reference.holidays import closed_days
from shared.wall_times import WeekHours
from shared.words import Choice, Code, Language, Words

_AnyChoice = TypeVar("_AnyChoice", bound=Choice)


class Programme(BaseModel):
    """One organisation's configuration. `admission`: immediate, or after a coordinator's review.

    `confirm`: booking starts when one contact has confirmed the address, or at once (trusted callers only). `counter`: a time
    that somebody proposes from her calendar is taken if it is possible, or a coordinator is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    name: Words
    language: Language
    zone: str
    admission: Literal["immediate", "review"]
    confirm: Literal["one", "none"]
    counter: Literal["auto", "ask"] = "auto"
    reference_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,8}$")]
    organisation: Organisation
    accessibility: Accessibility
    acute_help: Annotated[tuple[AcuteHelp, ...], Field(min_length=1, max_length=10)]
    sender: Sender
    links: Links
    themes: Annotated[tuple[Theme, ...], Field(min_length=1, max_length=50)]
    sectors: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=100)]
    committee_kinds: Annotated[tuple[CommitteeKind, ...], Field(min_length=1, max_length=50)]
    decline_grounds: Annotated[tuple[Choice, ...], Field(max_length=50)] = ()
    windows: Windows
    closed: Closed
    workplace_hours: WeekHours
    matching: Matching
    retention: Retention
    mail: Mail
    messages: Messages = Messages()
    coordinators: Coordinators | None = None
    plans: Annotated[dict[CourseKind, CoursePlan], Field(min_length=1)]

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise fault_at("", "is no time zone: write its IANA name, e.g. Europe/Copenhagen") from None
        return zone

    @field_validator("themes", "sectors", "committee_kinds", "decline_grounds")
    @classmethod
    def _own_codes(cls, choices: tuple[_AnyChoice, ...]) -> tuple[_AnyChoice, ...]:
        seen: set[str] = set()
        for place, choice in enumerate(choices):
            if choice.code in seen:
                raise fault_at(f"[{place}].code", "stands twice: give each its own code")
            seen.add(choice.code)
        return choices

    @model_validator(mode="after")
    def _plans_fit(self) -> Self:
        latest = self.windows.horizon_days - self.windows.first_meeting_within_days
        for kind, plan in self.plans.items():
            for code in plan.format_codes():
                least = plan.least_days(code)
                if least > latest:
                    text = f"needs {least} days, but a course that starts late has {latest} to the horizon"
                    raise fault_at(f"plans.{kind}.meetings", text)
                if self.notice_days(kind, code) >= self.windows.first_meeting_within_days:
                    text = "its notice is longer than windows.first_meeting_within_days"
                    raise fault_at(f"plans.{kind}.meetings", text)
                never = unfit(self, kind, code)
                if never:
                    raise fault_at(f"plans.{kind}.{never.path}", never.text)
        for place, committee in enumerate(self.committee_kinds):
            for number, kind in enumerate(committee.courses):
                if kind not in self.plans:
                    raise fault_at(f"committee_kinds[{place}].courses[{number}]", "has no course plan in plans")
        return self

    @model_validator(mode="after")
    def _mails_have_a_subject(self) -> Self:
        if self.messages.trial_check and not any(plan.trials for plan in self.plans.values()):
            raise fault_at("messages.trial_check", "asks about trials, but no plan has any: add [[plans.….trials]]")
        if self.messages.materials and not any(theme.materials for theme in self.themes):
            raise fault_at("messages.materials", "are to be mailed, but no theme has any: add [[themes.materials]]")
        return self

    @model_validator(mode="after")
    def _declines_for_a_reason(self) -> Self:
        if self.admission == "review" and not self.decline_grounds:
            raise fault_at("decline_grounds", "are missing: applicants who are declined are told one of them")
        return self

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which meetings are held and wall times are meant."""
        return ZoneInfo(self.zone)

    def theme(self, code: str) -> Theme | None:
        return _by_code(self.themes, code)

    def sector(self, code: str) -> Choice | None:
        return _by_code(self.sectors, code)

    def decline_ground(self, code: str) -> Choice | None:
        return _by_code(self.decline_grounds, code)

    def plan(self, kind: str) -> CoursePlan | None:
        return next((plan for name, plan in self.plans.items() if name == kind), None)

    def committee_kind(self, code: str) -> CommitteeKind | None:
        return _by_code(self.committee_kinds, code)

    def notice_days(self, kind: CourseKind, format_code: str | None = None) -> int:
        """Return how many days after the application the first meeting of such a course may be held at the earliest."""
        return self.plans[kind].notice_days(
            format_code,
            first_meeting=self.windows.first_meeting_notice_days,
            first_workshop=self.windows.first_workshop_notice_days,
        )

    def latest_start(self, applied_on: date) -> date:
        """Return the last day on which the first meeting may be held."""
        return applied_on + timedelta(days=self.windows.first_meeting_within_days)

    def closed_days(self, first: date, last: date, *, municipalities: Collection[str] = ()) -> frozenset[date]:
        """Return the days from `first` to `last`, both included, on which no meeting is held.

        Public holidays and what this programme keeps free; the school holidays of `municipalities`, of all of them.
        """
        closed = closed_days(first, last, fixed_dates=self.closed.month_days(), weeks=self.closed.weeks)
        return closed | {day for day in self.closed.school_holidays_of(municipalities) if first <= day <= last}


def load_programme(path: Path) -> Programme:
    """Read the programme from its TOML file.

    Raises:
        ProgrammeError: with every fault that was found, each with its path and what to do.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProgrammeError(str(path), [ProgrammeFault("", f"cannot be read as a UTF-8 text file: {error}")]) from None
    return parse_programme(text, source=str(path))


def parse_programme(text: str, *, source: str) -> Programme:
    """Build the programme from TOML text; `source` is what errors call it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(source, [ProgrammeFault("", f"is no valid TOML: {error}")]) from None
    try:
        return Programme.model_validate(data)
    except ValidationError as error:
        raise ProgrammeError(source, faults_of(error, known=sorted(set(_field_names(Programme))))) from None


def _by_code(choices: Sequence[_AnyChoice], code: str) -> _AnyChoice | None:
    return next((choice for choice in choices if choice.code == code), None)


def _field_names(part: Any) -> Iterator[str]:
    """Yield the names of all fields of a model and of the models inside it."""
    if isinstance(part, type) and issubclass(part, BaseModel):
        for name, field in part.model_fields.items():
            yield name
            yield from _field_names(field.annotation)
        return
    for inner in getattr(part, "__args__", ()):
        yield from _field_names(inner)
