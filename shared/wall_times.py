"""Clock times of a working day as configuration and forms write them: "09:00", half-open intervals, weekdays mon to sun."""

from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
"""In the order of `date.weekday()`."""

WallTime = Annotated[
    str,
    Field(
        pattern=r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        description="Clock time HH:MM; 24:00 is the end of the day.",
        examples=["09:00"],
    ),
]


def minutes_of_day(wall: str) -> int:
    """Return the minutes since midnight of "HH:MM"; 1440 for "24:00"."""
    hours, minutes = wall.split(":")
    return int(hours) * 60 + int(minutes)


def _in_order(interval: tuple[str, str]) -> tuple[str, str]:
    if minutes_of_day(interval[0]) >= minutes_of_day(interval[1]):
        raise ValueError("the first time must be before the second")
    return interval


Interval = Annotated[tuple[WallTime, WallTime], AfterValidator(_in_order)]
"""From (included) to (not included), within one day."""


class WeekHours(BaseModel):
    """Hours by weekday; a weekday without an interval is not available."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mon: tuple[Interval, ...] = ()
    tue: tuple[Interval, ...] = ()
    wed: tuple[Interval, ...] = ()
    thu: tuple[Interval, ...] = ()
    fri: tuple[Interval, ...] = ()
    sat: tuple[Interval, ...] = ()
    sun: tuple[Interval, ...] = ()

    def of(self, weekday: Weekday) -> tuple[tuple[str, str], ...]:
        hours: tuple[tuple[str, str], ...] = getattr(self, weekday)
        return hours

    def without(self, weekday: Weekday, interval: tuple[str, str]) -> "WeekHours":
        """Return these hours less an interval of one weekday, from (included) and to (not included)."""
        low, high = minutes_of_day(interval[0]), minutes_of_day(interval[1])
        left: list[tuple[str, str]] = []
        for begin, end in self.of(weekday):
            if minutes_of_day(begin) < low:
                left.append((begin, min(end, interval[0], key=minutes_of_day)))
            if minutes_of_day(end) > high:
                left.append((max(begin, interval[1], key=minutes_of_day), end))
        return self.model_copy(update={weekday: tuple(left)})

    def by_weekday(self) -> dict[Weekday, tuple[tuple[str, str], ...]]:
        """Return the weekdays that have hours."""
        return {day: self.of(day) for day in WEEKDAYS if self.of(day)}
