"""One consultant on one page: facts, courses, leave, and a calendar that says in words where she is when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import Request, Response

from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.list_rows import next_meeting
from services.scheduler.coordinator.roster_list import SECTION, municipality_name, two_months
from services.scheduler.coordinator.roster_month import MonthTable, busy_by_day, is_on_leave, month_table
from services.scheduler.coordinator.roster_reads import courses_between, courses_of
from services.scheduler.coordinator.roster_visits import Visit, visits_of
from services.scheduler.coordinator.roster_words import REASONS, calendar_words, load_words
from services.scheduler.course import Course
from services.scheduler.loads.months import first_day, last_day, month_of, shifted
from services.scheduler.people import open_consultant
from services.scheduler.roster import RosterFacts
from shared.mongo import Document
from shared.reference.dates import format_date, format_month, format_short_date, weekday_names
from shared.staff.staff import Staff
from shared.vault import ErasedError
from shared.wall_times import WEEKDAYS, WeekHours
from shared.web import form_token
from shared.words import Language, Words

MONTHS_SHOWN: Final = 3
WRONG_STATUS: Final = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """A course that she has now."""

    course_id: str
    reference: str
    municipality: str
    coming: str


async def consultant_page(
    request: Request,
    document: Document,
    *,
    month: str | None,
    staff: Staff,
    desk: Desk,
    done: str | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: FormWrongError | None = None,
) -> Response:
    """The page of one consultant, its calendar from that month on. Raises as `Vault.unseal`, but for who was erased."""
    means, language = desk.means, desk.site.language_of(request)
    who, facts, today = document["_id"], RosterFacts.model_validate(document), means.today()
    month = month or month_of(today)
    try:
        person = await open_consultant(document, vault=means.vault)
    except ErasedError:
        person = None
    source = await means.store.calendars.find(who)
    loads = [(one.month, load) for one in await two_months(desk) for load in one.loads if load.consultant == who]
    return desk.site.page(
        request,
        "coordinator/consultant.html",
        language=language,
        status_code=WRONG_STATUS if wrong else 200,
        staff=staff,
        section=SECTION,
        name=person.name if person else who,
        person=person,
        facts=facts,
        address=consultant_address(who),
        pages=PAGES,
        municipality=municipality_name(facts.municipality, desk),
        blocked=", ".join(municipality_name(one, desk) for one in facts.blocked_municipalities),
        hours=hours_words(facts.hours, language),
        periods=[
            (_from_to(one.first, one.last, language), hours_words(one.hours, language)) for one in facts.hours_by_period
        ],
        themes=[one for one in means.programme.themes if one.code in facts.themes],
        sectors=[one for one in means.programme.sectors if one.code in facts.sectors],
        loads=[(format_month(first_day(one), language), load_words(load, language)) for one, load in loads],
        calendar=calendar_words(source, means.clock(), alert_after=desk.calendar_alert_after, language=language),
        calendar_reason=REASONS[source.reason] if source and source.reason else None,
        courses=[_course_row(one, desk, language) for one in await courses_of(means.store.courses, who)],
        leave=[(one, _from_to(one.first, one.last, language)) for one in facts.leave if one.last >= today],
        leave_before=sum(one.last < today for one in facts.leave),
        clashes=await _clashes(who, facts, desk, language),
        tables=await _tables(who, facts, month, desk, language),
        earlier=shifted(month, -MONTHS_SHOWN),
        later=shifted(month, MONTHS_SHOWN),
        token=form_token.make(key=desk.form_key, subject=token_subject(who, staff), now=means.clock()),
        done=DONE.get(done or ""),
        typed=typed or {},
        faults=wrong.faults if wrong else {},
    )


DONE: Final[Mapping[str, Words]] = {
    "leave": Words(da="Fraværet er skrevet ind", en="The leave was entered"),
    "leave_removed": Words(da="Fraværet er fjernet", en="The leave was removed"),
    "active": Words(da="Konsulenten kan få forløb igen", en="The consultant can get courses again"),
    "inactive": Words(
        da="Konsulenten får ingen forløb, og andre overtager dem, hun har",
        en="The consultant gets no courses, and others take over those that she has",
    ),
    "feed": Words(da="Kalenderen har fået en ny adresse", en="The calendar has a new address"),
}
"""What was done, by the code in the address that leads back to the page."""


def consultant_address(consultant_id: str) -> str:
    return f"{PAGES}/consultants/{consultant_id}"


def token_subject(consultant_id: str, staff: Staff) -> str:
    """Whose forms a token is good for: those about one consultant, sent by one account."""
    return f"roster {consultant_id} {staff.account}"


def hours_words(hours: WeekHours, language: Language) -> list[tuple[str, str]]:
    """Weekdays with their hours, e.g. ("mandag", "8.00–16.00")."""
    names = dict(zip(WEEKDAYS, weekday_names(language), strict=True))
    return [
        (names[day], ", ".join("\N{EN DASH}".join(_clock(one, language) for one in interval) for interval in intervals))
        for day, intervals in hours.by_weekday().items()
    ]


async def _tables(who: str, facts: RosterFacts, month: str, desk: Desk, language: Language) -> list[MonthTable]:
    means = desk.means
    months = [shifted(month, number) for number in range(MONTHS_SHOWN)]
    first, last = first_day(months[0]), last_day(months[-1])
    visits = await _visits(who, first, last, desk, language)
    busy = busy_by_day(await means.store.calendars.busy_of(who), first=first, last=last, zone=means.programme.tz)
    closed = means.programme.closed_days(first, last)
    return [
        month_table(
            one,
            facts=facts,
            visits=[visit for visit in visits if month_of(visit.day) == one],
            busy=busy,
            closed=closed,
            language=language,
        )
        for one in months
    ]


async def _clashes(who: str, facts: RosterFacts, desk: Desk, language: Language) -> list[tuple[Visit, str]]:
    """Meetings to come on days of her leave: not rearranged yet, or nothing else was found."""
    coming = [one for one in facts.leave if one.last >= desk.means.today()]
    if not coming:
        return []
    first, last = desk.means.today(), max(one.last for one in coming)
    visits = await _visits(who, first, last, desk, language)
    return [(one, format_date(one.day, language)) for one in visits if is_on_leave(facts, one.day)]


async def _visits(who: str, first: date, last: date, desk: Desk, language: Language) -> list[Visit]:
    courses = await courses_between(desk.means.store.courses, first, last, consultant_id=who)
    found = visits_of(courses, first=first, last=last, municipalities=desk.means.municipalities, language=language)
    return found.get(who, [])


def _course_row(course: Course, desk: Desk, language: Language) -> CourseRow:
    coming = next_meeting(course, desk.means.clock())
    zone = desk.means.programme.tz
    return CourseRow(
        course_id=course.application_id,
        reference=course.request.reference,
        municipality=", ".join(municipality_name(one, desk) for one in course.request.municipalities),
        coming=format_short_date(coming.start.astimezone(zone).date(), language) if coming else "",
    )


def _from_to(first: date, last: date | None, language: Language) -> str:
    if first == last:
        return format_short_date(first, language)
    return (
        f"{format_short_date(first, language)} \N{EN DASH} {format_short_date(last, language) if last else ''}".strip()
    )


def _clock(wall: str, language: Language) -> str:
    hour, minute = wall.split(":")
    return f"{int(hour)}{':' if language == 'en' else '.'}{minute}"
