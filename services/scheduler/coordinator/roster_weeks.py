"""Everybody's weeks side by side: who is where when, and who is away. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.scheduler.coordinator.roster_month import LEAVE, WORKING_DAYS, is_on_leave
from services.scheduler.coordinator.roster_visits import Visit, Visits
from services.scheduler.roster import RosterFacts
from shared.reference.dates import format_day_and_month, format_week, weekday_names
from shared.words import Language

WEEKS_SHOWN: Final = 6
WEEK: Final = timedelta(days=7)
SHORT_NAME: Final = 3
"""Letters of a weekday, as calendars shorten it in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One meeting in a cell; `when` is its weekday and time."""

    when: str
    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCell:
    away: str
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekHead:
    name: str
    days: str


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_heads(monday: date, language: Language) -> list[WeekHead]:
    """The WEEKS_SHOWN weeks from that Monday on."""
    mondays = [monday + WEEK * number for number in range(WEEKS_SHOWN)]
    return [
        WeekHead(name=format_week(day, language), days=_from_to(day, day + timedelta(days=6), language))
        for day in mondays
    ]


def week_cells(
    consultant_id: str, monday: date, *, roster: Mapping[str, RosterFacts], visits: Visits, language: Language
) -> list[WeekCell]:
    """Her cells under `week_heads`."""
    mine, facts = visits.get(consultant_id, []), roster[consultant_id]
    return [_cell(monday + WEEK * number, facts, mine, language) for number in range(WEEKS_SHOWN)]


def _cell(monday: date, facts: RosterFacts, visits: Sequence[Visit], language: Language) -> WeekCell:
    names = [name[:SHORT_NAME] for name in weekday_names(language)]
    days = [monday + timedelta(days=number) for number in range(WORKING_DAYS)]
    stops = [
        Stop(when=f"{names[one.day.weekday()]} {one.clock}", visit=one)
        for one in visits
        if monday <= one.day < monday + WEEK
    ]
    away = [names[day.weekday()] for day in days if is_on_leave(facts, day)]
    return WeekCell(away=f"{LEAVE.in_language(language)} {_range(away)}" if away else "", stops=tuple(stops))


def _range(names: list[str]) -> str:
    """Weekdays of leave, e.g. "man–fre"; of several leaves in one week from the first day to the last."""
    return names[0] if len(names) == 1 else f"{names[0]}\N{EN DASH}{names[-1]}"


def _from_to(first: date, last: date, language: Language) -> str:
    """For instance "7.–13. december"."""
    begin = format_day_and_month(first, language)
    if first.month == last.month:
        begin = f"{first.day}" if language == "en" else f"{first.day}."
    return f"{begin}\N{EN DASH}{format_day_and_month(last, language)}"
