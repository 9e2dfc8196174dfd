"""One consultant's month as a table: weeks and their days, and in words what takes each day. Pure."""

from calendar import Calendar
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from zoneinfo import ZoneInfo

from services.scheduler.calendars.busy import Busy
from services.scheduler.coordinator.roster_visits import Visit
from services.scheduler.coordinator.roster_words import decimal
from services.scheduler.grains import GRAIN_MINUTES, instant_of, wall_of
from services.scheduler.loads.months import first_day
from services.scheduler.roster import RosterFacts
from shared.reference.dates import format_month, format_week, weekday_names
from shared.wall_times import WEEKDAYS
from shared.words import Language, Words

LEAVE: Final = Words(da="fravær", en="leave")
CLOSED: Final = Words(da="lukket", en="closed")
OFF: Final = Words(da="arbejder ikke", en="not working")
BUSY: Final = Words(da="optaget i egen kalender", en="busy in her own calendar")
HOURS: Final = Words(da="t.", en="h")
WORKING_DAYS: Final = 5

Kind = Literal["free", "visit", "leave", "closed", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day. `kind` is for its look only: `words` and `visits` say the same."""

    day: date
    kind: Kind
    words: tuple[str, ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Days of other months are None."""

    name: str
    cells: tuple[DayCell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTable:
    month: str
    name: str
    weekdays: tuple[str, ...]
    weeks: tuple[Week, ...]


def month_table(
    month: str,
    *,
    facts: RosterFacts,
    visits: Iterable[Visit],
    busy: Mapping[date, int],
    closed: AbstractSet[date],
    language: Language,
) -> MonthTable:
    """The month "2027-03". `busy` are half hours by day; Saturdays and Sundays are left out where nothing ever happens then."""
    met: dict[date, list[Visit]] = {}
    for visit in visits:
        met.setdefault(visit.day, []).append(visit)
    begin = first_day(month)
    weeks = Calendar().monthdatescalendar(begin.year, begin.month)
    hours = {*facts.hours.by_weekday(), *(day for one in facts.hours_by_period for day in one.hours.by_weekday())}
    weekend = not hours.isdisjoint(WEEKDAYS[WORKING_DAYS:]) or any(day.weekday() >= WORKING_DAYS for day in met)
    shown = len(WEEKDAYS) if weekend else WORKING_DAYS

    def cell(day: date) -> DayCell | None:
        if day.month != begin.month:
            return None
        return _cell(day, facts, met.get(day, []), busy.get(day, 0), closed, language)

    rows = [Week(name=format_week(week[0], language), cells=tuple(cell(day) for day in week[:shown])) for week in weeks]
    return MonthTable(
        month=month,
        name=format_month(begin, language),
        weekdays=weekday_names(language)[:shown],
        weeks=tuple(row for row in rows if any(row.cells)),
    )


def is_on_leave(facts: RosterFacts, day: date) -> bool:
    return any(leave.first <= day <= leave.last for leave in facts.leave)


def busy_by_day(busy: Busy | None, *, first: date, last: date, zone: ZoneInfo) -> dict[date, int]:
    """Half hours that her own calendar takes, by local day from `first` to `last`, both included."""
    found: dict[date, int] = {}
    bits = busy.bits if busy else 0
    while busy and bits:
        lowest = (bits & -bits).bit_length() - 1
        bits &= bits - 1
        day, _ = wall_of(instant_of(busy.first + lowest), zone)
        if first <= day <= last:
            found[day] = found.get(day, 0) + 1
    return found


def _cell(
    day: date, facts: RosterFacts, visits: list[Visit], busy: int, closed: AbstractSet[date], language: Language
) -> DayCell:
    week = next((one.hours for one in facts.hours_by_period if one.first <= day <= one.last_day), facts.hours)
    kind: Kind = "visit" if visits else "free"
    words: list[str] = []
    if is_on_leave(facts, day):
        kind, words = "leave", [LEAVE.in_language(language)]
    elif day in closed:
        kind, words = "closed", [CLOSED.in_language(language)]
    elif not week.of(WEEKDAYS[day.weekday()]):
        kind, words = "off", [OFF.in_language(language)]
    if busy and kind in ("visit", "free"):
        hours = decimal(busy * GRAIN_MINUTES / 60, language)
        words.append(f"{BUSY.in_language(language)}: {hours} {HOURS.in_language(language)}")
    return DayCell(day=day, kind=kind, words=tuple(words), visits=tuple(visits))
