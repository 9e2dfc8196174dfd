"""The file format `forloeb-match/1`: read strictly, so that every mistake is named by the path of its field."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from services.scheduler.instance_values import Date, DayInterval, MeetingMinutes, WallInterval, Zone
from services.scheduler.problem import MEETINGS_MAX, ONLINE, SETUP_MINUTES_MAX, TRAVEL_MINUTES_MAX, WORKPLACE

FORMAT = "forloeb-match/1"
HORIZON_DAYS_MAX = 36_600

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Code = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
TravelMinutes = Annotated[int, Field(ge=0, le=TRAVEL_MINUTES_MAX)]
# Tags of the two shapes of `travel_minutes`; pydantic puts them into its locations, where a path has no use for them.
_NUMBER, _BY_PLACE = "<number>", "<by place>"


class InstanceError(ValueError):
    """An instance that is not as the format wants it: `path` of the field ("$" is the whole file) and a sentence."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.text = text


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
        Annotated[TravelMinutes, Tag(_NUMBER)] | Annotated[dict[str, TravelMinutes], Tag(_BY_PLACE)],
        Discriminator(lambda value: _BY_PLACE if isinstance(value, dict) else _NUMBER),
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


class Instance(_Part):
    """One application, one roster and one course plan, as written in a file."""

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

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def read_instance(text: str | bytes) -> Instance:
    """Read and check the JSON text of an instance; raises InstanceError for the first thing that is wrong."""
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        _refuse_repeated_keys(_parse(plain))
        instance = Instance.model_validate_json(plain)
    except UnicodeDecodeError:
        raise InstanceError("$", "This is not UTF-8 text.") from None
    except RecursionError:
        raise InstanceError("$", "This is nested too deeply.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InstanceError(_path(first["loc"]), _sentence(first["type"], first["msg"])) from None
    _check_window(instance)
    _check_meetings(instance)
    _check_consultants(instance)
    return instance


def _check_window(instance: Instance) -> None:
    if (instance.latest - instance.earliest).days >= HORIZON_DAYS_MAX:
        raise InstanceError("latest", f"The window may hold at most {HORIZON_DAYS_MAX} days.")


def _check_meetings(instance: Instance) -> None:
    for name in (WORKPLACE, ONLINE):
        if name in instance.venues:
            raise InstanceError(f"venues.{name}", "This name is taken; give the venue another one.")
    places = {WORKPLACE, ONLINE, *instance.venues}
    _refuse_doubles("meetings", "code", (meeting.code for meeting in instance.meetings))
    for index, meeting in enumerate(instance.meetings):
        path = f"meetings[{index}]"
        if meeting.place not in places:
            raise InstanceError(f"{path}.place", 'A place is "workplace", "online" or a key of "venues".')
        gap = meeting.gap_days
        if (gap is None) != (index == 0):
            raise InstanceError(f"{path}.gap_days", "It is null for the first meeting, and only there.")
        if gap is not None and not gap.min <= gap.ideal <= gap.max:
            wrong = "ideal" if gap.ideal < gap.min else "max"
            raise InstanceError(f"{path}.gap_days.{wrong}", "It must hold that 1 ≤ min ≤ ideal ≤ max.")


def _check_consultants(instance: Instance) -> None:
    _refuse_doubles("consultants", "id", (consultant.id for consultant in instance.consultants))
    places = {WORKPLACE, *instance.venues}
    for index, consultant in enumerate(instance.consultants):
        if not isinstance(consultant.travel_minutes, dict):
            continue
        path = f"consultants[{index}].travel_minutes"
        for place in sorted(consultant.travel_minutes.keys() ^ places):
            known = place in places
            raise InstanceError(f"{path}.{place}", "This key is missing." if known else "This key is not known.")


def _refuse_doubles(path: str, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise InstanceError(f"{path}[{index}].{key}", "This value stands at an earlier one already.")
        seen.add(name)


class _Repeated:
    """Stands in a parsed object for the value of a key that was there before."""


def _parse(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InstanceError("$", f"This is not JSON: line {error.lineno}, column {error.colno}.") from None
    except ValueError:
        raise InstanceError("$", "This holds a number with too many digits.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Repeated() if key in found else value
    return found


def _refuse_repeated_keys(value: object, path: tuple[int | str, ...] = ()) -> None:
    if isinstance(value, _Repeated):
        raise InstanceError(_path(path), "This key stands twice in its object.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_repeated_keys(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_repeated_keys(inner, (*path, index))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        if step not in (_NUMBER, _BY_PLACE, "[key]"):
            path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "$"


def _sentence(kind: str, message: str) -> str:
    own = {
        "missing": "This key is missing.",
        "extra_forbidden": "This key is not known.",
        "json_invalid": "This is not JSON.",
    }
    return own.get(kind) or f"{message.rstrip('.')}."
