"""The roster as a page, and everybody's weeks side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fastapi import Request, Response

from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.names import consultants_by_id
from services.scheduler.coordinator.roster_reads import active_courses, courses_between
from services.scheduler.coordinator.roster_visits import visits_of
from services.scheduler.coordinator.roster_weeks import WEEK, WEEKS_SHOWN, monday_of, week_cells, week_heads
from services.scheduler.coordinator.roster_words import calendar_words, fairness_words, load_words
from services.scheduler.loads.months import first_day, month_of, shifted
from services.scheduler.loads.record import report_load
from services.scheduler.loads.report import Load, MonthLoad
from services.scheduler.roster import RosterFacts
from shared.events import Person
from shared.reference.dates import format_month
from shared.staff.staff import Staff
from shared.web.csv_file import csv_file
from shared.words import Language, Words

CONSULTANTS_PER_PAGE: Final = 50
SECTION: Final = "consultants"
FILE_HEADINGS: Final = (
    Words(da="Nummer", en="Number"),
    Words(da="Navn", en="Name"),
    Words(da="Kommune", en="Municipality"),
    Words(da="Forløb", en="Courses"),
    Words(da="Egen kalender", en="Own calendar"),
)
"""Of the file; the months stand before the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One consultant. `loads` are words by month."""

    consultant_id: str
    name: str
    municipality: str
    active: bool
    courses: int
    courses_max: int
    loads: tuple[str, ...]
    calendar: str


async def roster_page(request: Request, *, number: int, staff: Staff, desk: Desk) -> Response:
    """Who there is, with how much each has to do. Raises as `Vault.unseal`."""
    means, language = desk.means, desk.site.language_of(request)
    roster = await means.store.roster()
    names = names_of(roster, await consultants_by_id(means=means))
    months = await two_months(desk)
    shown, number, last = _page_of(names, number)
    rows = await _rows({one: names[one] for one in shown}, roster, months, desk=desk, language=language)
    fairness = months[0].fairness
    return desk.site.page(
        request,
        "coordinator/consultants.html",
        language=language,
        staff=staff,
        section=SECTION,
        rows=rows,
        months=[format_month(first_day(month.month), language) for month in months],
        fairness=None if fairness is None else fairness_words(fairness, language),
        address=f"{PAGES}/consultants",
        weeks_address=f"{PAGES}/weeks",
        number=number,
        last=last,
    )


async def roster_file(request: Request, *, desk: Desk) -> Response:
    """The whole roster as CSV. Raises as `Vault.unseal`."""
    means, language = desk.means, desk.site.language_of(request)
    roster = await means.store.roster()
    names = names_of(roster, await consultants_by_id(means=means))
    months = await two_months(desk)
    heading = [one.in_language(language) for one in FILE_HEADINGS]
    heading[4:4] = [format_month(first_day(month.month), language) for month in months]
    rows = await _rows(names, roster, months, desk=desk, language=language)
    content = csv_file(
        heading,
        [
            (
                one.consultant_id,
                one.name,
                one.municipality,
                f"{one.courses}/{one.courses_max}",
                *one.loads,
                one.calendar,
            )
            for one in rows
        ],
    )
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="forloeb-consultants.csv"'},
    )


async def _rows(
    names: Mapping[str, str],
    roster: Mapping[str, RosterFacts],
    months: Sequence[MonthLoad],
    *,
    desk: Desk,
    language: Language,
) -> list[RosterRow]:
    """One row for each of these names, in their order."""
    loads = [_by_consultant(month) for month in months]
    active = await active_courses(desk.means.store.courses)
    calendars = {one.consultant_id: one for one in await desk.means.store.calendars.all_sources()}
    now = desk.means.clock()
    return [
        RosterRow(
            consultant_id=one,
            name=name,
            municipality=municipality_name(roster[one].municipality, desk),
            active=roster[one].active,
            courses=active[one],
            courses_max=roster[one].max_courses,
            loads=tuple(load_words(load.get(one), language) for load in loads),
            calendar=calendar_words(calendars.get(one), now, alert_after=desk.calendar_alert_after, language=language),
        )
        for one, name in names.items()
    ]


async def weeks_page(request: Request, *, day: date | None, number: int, staff: Staff, desk: Desk) -> Response:
    """The weeks of everybody from the week of `day` on, without it from this week. Raises as `Vault.unseal`."""
    means, language = desk.means, desk.site.language_of(request)
    monday = monday_of(day or means.today())
    roster = await means.store.roster()
    names = names_of(roster, await consultants_by_id(means=means))
    until = monday + WEEK * WEEKS_SHOWN - timedelta(days=1)
    visits = visits_of(
        await courses_between(means.store.courses, monday, until),
        first=monday,
        last=until,
        municipalities=means.municipalities,
        language=language,
    )
    there = {one: name for one, name in names.items() if roster[one].active or one in visits}
    shown, number, last = _page_of(there, number)
    rows = [
        (one, names[one], week_cells(one, monday, roster=roster, visits=visits, language=language)) for one in shown
    ]
    return desk.site.page(
        request,
        "coordinator/weeks.html",
        language=language,
        staff=staff,
        section=SECTION,
        heads=week_heads(monday, language),
        rows=rows,
        address=f"{PAGES}/weeks",
        pages=PAGES,
        monday=monday.isoformat(),
        before=(monday - WEEK * WEEKS_SHOWN).isoformat(),
        after=(monday + WEEK * WEEKS_SHOWN).isoformat(),
        number=number,
        last=last,
    )


async def two_months(desk: Desk) -> list[MonthLoad]:
    """The load of this month and of the next."""
    month = month_of(desk.means.today())
    return await report_load(month, shifted(month, 1), means=desk.means)


def names_of(roster: Mapping[str, RosterFacts], people: Mapping[str, Person]) -> dict[str, str]:
    """Names by id in the order of names; of somebody who was erased, the id."""
    names = {one: people[one].name if one in people else one for one in roster}
    return dict(sorted(names.items(), key=lambda row: (row[1].casefold(), row[0])))


def municipality_name(code: str, desk: Desk) -> str:
    known = desk.means.municipalities
    return known.get(code).short_name if code in known else code


def _by_consultant(month: MonthLoad) -> dict[str, Load]:
    return {one.consultant: one for one in month.loads}


def _page_of(names: Mapping[str, str], number: int) -> tuple[list[str], int, int]:
    """The ids on a page, its number, and that of the last page."""
    last = max(1, -(-len(names) // CONSULTANTS_PER_PAGE))
    number = min(number, last)
    return list(names)[(number - 1) * CONSULTANTS_PER_PAGE : number * CONSULTANTS_PER_PAGE], number, last
