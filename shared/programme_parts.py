"""The parts of a programme beside its course plans: sender, windows, closed days, matching, retention, mail."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.events import CourseKind
from shared.mail_address import one_address
from shared.programme_faults import fault_at
from shared.reference.holidays import MonthDay
from shared.reference.municipalities import load_municipalities
from shared.wall_times import Interval
from shared.words import Choice

DAYS_MAX: Final = 3660
"""No period of a programme is longer than ten years."""
LEAP_YEAR: Final = 2024
SCHOOL_HOLIDAY_DAYS_MAX: Final = 70
"""The summer holidays have about six weeks; whoever mistypes a year is told so."""
SCHOOL_HOLIDAYS_MAX: Final = 2000
ALL_MUNICIPALITIES: Final = "all"

_Days = Annotated[int, Field(ge=1, le=DAYS_MAX)]
_Address = Annotated[str, AfterValidator(one_address)]
_Weight = Annotated[int, Field(ge=0, le=1000)]
_Url = Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(_Part):
    """Who the mails come from.

    Calendar answers go to `<invite_mailbox>+<token>@<domain>`, what cannot be delivered comes back to
    `<bounce_mailbox>+<token>@<domain>`.
    """

    display_name: Annotated[str, Field(min_length=1, max_length=60, pattern=r'^[^"<>@,;:\\\r\n]+$')]
    address: _Address
    domain: Annotated[str, Field(pattern=r"^(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$")]
    invite_mailbox: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$")]
    bounce_mailbox: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,10}$")] = "bounce"

    @model_validator(mode="after")
    def _two_mailboxes(self) -> Self:
        if self.invite_mailbox == self.bounce_mailbox:
            raise fault_at("bounce_mailbox", "is the mailbox of calendar answers: name another one")
        return self


class PageAddress(_Part):
    """Where a page lies in each language; one address may serve both."""

    da: _Url
    en: _Url

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.da


class Links(_Part):
    """Pages that mails point to. `privacy`: ours at `/persondata` and `/en/privacy`, or the organisation's own."""

    privacy: PageAddress


class CommitteeKind(Choice):
    """A committee that may apply, and the kinds of course that it may apply for."""

    courses: Annotated[tuple[CourseKind, ...], Field(min_length=1)]


class Windows(_Part):
    """Days from the application: how soon and how late meetings may lie."""

    first_meeting_notice_days: _Days
    first_workshop_notice_days: _Days
    first_meeting_within_days: _Days
    horizon_days: _Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if max(self.first_meeting_notice_days, self.first_workshop_notice_days) >= self.first_meeting_within_days:
            raise fault_at("first_meeting_within_days", "must be longer than both kinds of notice")
        if self.first_meeting_within_days > self.horizon_days:
            raise fault_at("horizon_days", "must not be shorter than first_meeting_within_days")
        return self


class SchoolHoliday(_Part):
    """Days, both included, without school in the municipalities of these codes; "all" stands for every one."""

    municipalities: Annotated[tuple[str, ...], Field(min_length=1, max_length=98)]
    first: date
    last: date

    @field_validator("municipalities")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        known = load_municipalities()
        for place, code in enumerate(codes):
            if code != ALL_MUNICIPALITIES and code not in known:
                raise fault_at(f"[{place}]", 'is no municipality: write its three digits, e.g. "329", or "all"')
        return codes

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= (self.last - self.first).days < SCHOOL_HOLIDAY_DAYS_MAX:
            raise fault_at("last", f"must lie 0 to {SCHOOL_HOLIDAY_DAYS_MAX - 1} days after first")
        return self

    def holds_in(self, municipalities: Collection[str]) -> bool:
        """Whether any of these municipalities has it."""
        return bool(municipalities) and (
            ALL_MUNICIPALITIES in self.municipalities or not set(self.municipalities).isdisjoint(municipalities)
        )

    def days(self) -> Iterator[date]:
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


class Closed(_Part):
    """Days without meetings beside the public holidays: dates of every year ("12-24"), ISO weeks, school holidays.

    School holidays are dated and belong to municipalities: they differ from one to the next, and from year to year.
    """

    dates: tuple[Annotated[str, Field(pattern=r"^\d\d-\d\d$")], ...] = ()
    weeks: tuple[Annotated[int, Field(ge=1, le=53)], ...] = ()
    school_holidays: Annotated[tuple[SchoolHoliday, ...], Field(max_length=SCHOOL_HOLIDAYS_MAX)] = ()

    @field_validator("dates")
    @classmethod
    def _real_dates(cls, dates: tuple[str, ...]) -> tuple[str, ...]:
        for place, text in enumerate(dates):
            try:
                date.fromisoformat(f"{LEAP_YEAR}-{text}")
            except ValueError:
                raise fault_at(f"[{place}]", "is no date: write month and day as MM-DD") from None
        return dates

    def month_days(self) -> tuple[MonthDay, ...]:
        return tuple((int(text[:2]), int(text[3:])) for text in self.dates)

    def school_holidays_of(self, municipalities: Collection[str]) -> frozenset[date]:
        """Every day on which schools are closed in at least one of these municipalities."""
        return frozenset(
            day for holiday in self.school_holidays if holiday.holds_in(municipalities) for day in holiday.days()
        )


class Weights(_Part):
    """What the matcher weighs against each other; whole numbers, see the matching contract for the units."""

    wait_day: _Weight
    gap_day: _Weight
    travel_10min: _Weight
    outside_preferred: _Weight
    avoided_weekday: _Weight
    load_tenth: _Weight
    no_sector: _Weight


class Matching(_Part):
    """How a consultant and times are chosen."""

    setup_minutes: Annotated[int, Field(ge=0, le=240)]
    co_from_participants: Annotated[int, Field(ge=1, le=10_000)]
    travel_hours: Interval
    preferred_hours: Interval | None = None
    weights: Weights


class Retention(_Part):
    """Days after which personal data is removed."""

    draft_days: _Days
    unconfirmed_days: _Days
    declined_or_withdrawn_days: _Days
    completed_days: _Days
    status_link_days: _Days


class Coordinators(_Part):
    """How those who plan the courses are reached by the program itself: a mailbox that they share."""

    mail: _Address


class Mail(_Part):
    """Limits of what is mailed and what the mails promise."""

    unconfirmed_per_day_max: Annotated[int, Field(ge=1, le=20)]
    answer_within_working_days: Annotated[int, Field(ge=1, le=60)]
