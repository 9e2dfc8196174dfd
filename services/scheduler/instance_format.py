"""The shape of the file format `forloeb-match/1`: its keys and the types of their values."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from services.scheduler.instance_values import (
    Date,
    DayInterval,
    MeetingMinutes,
    MeetingStart,
    WallInterval,
    WallMoment,
    Zone,
)
from services.scheduler.problem import MEETINGS_MAX, SETUP_MINUTES_MAX, TRAVEL_MINUTES_MAX

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Code = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
TravelMinutes = Annotated[int, Field(ge=0, le=TRAVEL_MINUTES_MAX)]
# Tags of the two shapes of `travel_minutes`; pydantic puts them into its locations, where a path has no use for them.
NUMBER, BY_PLACE = "<number>", "<by place>"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class WeekHours(_Part):
    mon: list[DayInterval] = []
    tue: list[DayInterval] = []
    wed: list[DayInterval] = []
    thu: list[DayInterval] = []
    fri: list[DayInterval] = []
    sat: list[DayInterval] = []
    sun: list[DayInterval] = []


class WorkplacePart(_Part):
    hours: WeekHours
    unavailable: list[WallInterval]
    preferred_hours: DayInterval | None
    avoid_weekdays: list[Weekday]


class VenuePart(_Part):
    hours: WeekHours
    unavailable: list[WallInterval] = []
    closed_days: list[Date] = []


class GapPart(_Part):
    min: Annotated[int, Field(ge=1)]
    ideal: int
    max: int


class MeetingPart(_Part):
    code: Code
    minutes: MeetingMinutes
    place: Code
    gap_days: GapPart | None
    co: bool = False


class ConsultantPart(_Part):
    id: Code
    themes: list[Code]
    sectors: list[Code]
    hours: WeekHours
    unavailable: list[WallInterval]
    travel_minutes: Annotated[
        Annotated[TravelMinutes, Tag(NUMBER)] | Annotated[dict[str, TravelMinutes], Tag(BY_PLACE)],
        Discriminator(lambda value: BY_PLACE if isinstance(value, dict) else NUMBER),
    ]
    active_courses: Count
    max_courses: Count
    blocked: bool


class WeightsPart(_Part):
    wait_day: Count
    gap_day: Count
    travel_10min: Count
    outside_preferred: Count
    avoided_weekday: Count
    load_tenth: Count
    no_sector: Count


class BookedPart(_Part):
    consultant: Code
    second: Code | None = None
    starts: list[MeetingStart | None]


class Instance(_Part):
    """One application, one roster and one course plan, as written in a file; with a booked course to repair, or without."""

    format: Literal["forloeb-match/1"]
    zone: Zone
    earliest: Date
    latest: Date
    closed_days: list[Date]
    travel_hours: DayInterval
    setup_minutes: Annotated[int, Field(ge=0, le=SETUP_MINUTES_MAX)]
    themes: list[Code]
    sector: Code | None
    participants: Count | None = None
    co_from_participants: Count | None = None
    workplace: WorkplacePart
    venues: dict[Code, VenuePart] = {}
    meetings: Annotated[list[MeetingPart], Field(min_length=1, max_length=MEETINGS_MAX)]
    consultants: list[ConsultantPart]
    weights: WeightsPart
    booked: BookedPart | None = None
    now: WallMoment | None = None

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)
