"""From an application and the programme to the question that the matcher answers. Pure.

Each workplace that is host of a meeting is a place, with a way of its own to it. The first meeting must come sooner than
the others: it has a place of its own, at that workplace or online, closed after the last day for it.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from services.scheduler.asked import Asked, minutes_of, week_by_number
from services.scheduler.availability import Horizon, Interval, WallTime, WorkingHours, free_wide, window_of
from services.scheduler.course import Request, Window
from services.scheduler.own_plan import CourseMeeting
from services.scheduler.plan_of_course import new_plan
from services.scheduler.problem import (
    FIRST_ONLINE,
    ONLINE,
    ONLINE_PLACES,
    WORKPLACE,
    GapDays,
    Grouped,
    Meeting,
    Problem,
    Site,
    Weights,
)
from services.scheduler.roster_calendar import RosterCalendar
from services.scheduler.workplace_hash import hashes_of
from shared.events import Matter, Wishes, Workplace
from shared.programme import Programme
from shared.reference.municipalities import Municipalities
from shared.wall_times import WEEKDAYS, WeekHours, minutes_of_day

FIRST_MEETING = "first-meeting"
"""Place of a first meeting at a workplace."""


def window_for(request: Request, programme: Programme) -> Window:
    """When the course may lie, counted from the day of the application in the programme's zone."""
    applied_on = request.submitted_at.astimezone(programme.tz).date()
    noticed = applied_on + timedelta(days=programme.notice_days(request.kind, request.format))
    return Window(
        earliest=max(request.earliest_start, noticed),
        latest_start=programme.latest_start(applied_on),
        latest=applied_on + timedelta(days=programme.windows.horizon_days),
    )


def question_of(
    request: Request,
    window: Window,
    matter: Matter,
    *,
    calendar: RosterCalendar,
    programme: Programme,
    municipalities: Municipalities,
    workplace_key: bytes,
    today: date,
    begins: date | None = None,
    without: str | None = None,
    plan: Sequence[CourseMeeting] | None = None,
    venues: Sequence[Workplace] = (),
    wider_days: int = 0,
) -> Problem:
    """The matcher's question, asked today: who has waited still gets the full notice from now on.

    For a course that is booked already, the horizon `begins` on a day that is given, which may lie before the window so
    that it holds what is past; what the course `without` holds is free. It has a `plan` and `venues` of its own. What-if
    questions widen the window at both ends.
    """
    wider = timedelta(days=wider_days)
    earliest = (begins or _noticed(request, window, programme, today)) - wider
    days = (window.latest + wider - earliest).days + 1 if begins or earliest <= window.latest_start else 0
    horizon = Horizon(first=earliest, days=max(days, 0), zone=programme.tz)
    planned = new_plan(request, matter, programme) if plan is None else plan
    places = [_place(one, first=number == 0) for number, one in enumerate(planned)]
    hosts = (*matter.workplaces, *venues)
    towns = {
        place: municipalities.get(hosts[one.workplace].municipality)
        for place, one in zip(places, planned, strict=True)
        if place not in ONLINE_PLACES
    }
    near = {*request.municipalities, *(one.municipality for one in matter.workplaces)}
    closed = programme.closed_days(horizon.first, _last_day(horizon), municipalities=near)
    asked = Asked(
        horizon=horizon,
        towns=towns,
        near=near,
        workplaces=hashes_of(matter.workplaces, workplace_key),
        municipalities=municipalities,
    )
    open_hours = WorkingHours(horizon, week_by_number(_workplace_hours(request.wishes, programme)))
    consultants = tuple(asked.consultant(one) for one in calendar.candidates(horizon, without=without))
    rules = programme.matching
    return Problem(
        horizon=horizon,
        meetings=tuple(_meeting(one, place) for one, place in zip(planned, places, strict=True)),
        sites=_sites(
            places, request, window, horizon, open_hours, closed, opens=window.earliest if begins else earliest
        ),
        consultants=consultants,
        weights=Weights(**rules.weights.model_dump()),
        themes=matter.themes,
        sector=request.sector,
        travel_hours=minutes_of(rules.travel_hours),
        setup_minutes=rules.setup_minutes,
        preferred_hours=_preferred(request.wishes, programme),
        avoid_weekdays=frozenset(WEEKDAYS.index(day) for day in request.wishes.avoid_weekdays),
        second_needed=request.participants >= rules.co_from_participants,
        grouped=Grouped(consultants, calendar.groups()),
    )


def _noticed(request: Request, window: Window, programme: Programme, today: date) -> date:
    return max(window.earliest, today + timedelta(days=programme.notice_days(request.kind, request.format)))


def _place(planned: CourseMeeting, *, first: bool) -> str:
    if planned.place == ONLINE:
        return FIRST_ONLINE if first else ONLINE
    if first:
        return FIRST_MEETING
    return f"{WORKPLACE}-{planned.workplace + 1}" if planned.workplace else WORKPLACE


def _meeting(planned: CourseMeeting, place: str) -> Meeting:
    gap = planned.gap
    return Meeting(
        code=planned.code,
        minutes=planned.minutes,
        place=place,
        gap=None if gap is None else GapDays(gap.min, gap.ideal, gap.max),
        co=planned.co,
    )


def _sites(
    places: Sequence[str],
    request: Request,
    window: Window,
    horizon: Horizon,
    hours: WorkingHours,
    closed: AbstractSet[date],
    *,
    opens: date,
) -> dict[str, Site]:
    """What a workplace wishes and which days are closed holds for all places of the course alike; `opens`: for a start."""
    too_early = _days(horizon.first, opens - timedelta(days=1))
    too_late = _days(window.latest_start + timedelta(days=1), _last_day(horizon))
    free = window_of(horizon, free_wide(horizon, _unavailable(request.wishes)))
    anywhere = Site(hours=hours, free=free, open_days=horizon.without_days(closed))
    first = Site(hours=hours, free=free, open_days=horizon.without_days([*closed, *too_early, *too_late]))
    return {place: first if place in (FIRST_MEETING, FIRST_ONLINE) else anywhere for place in places}


def _workplace_hours(wishes: Wishes, programme: Programme) -> WeekHours:
    """The programme's hours for workplaces, less those in which this one cannot meet."""
    week = programme.workplace_hours
    for avoided in wishes.avoid_hours:
        week = week.without(avoided.weekday, (avoided.from_time, avoided.to_time))
    return week


def _preferred(wishes: Wishes, programme: Programme) -> Interval | None:
    """The workplace's own wish before the programme's."""
    hours = wishes.preferred_hours or programme.matching.preferred_hours
    return None if hours is None else minutes_of(hours)


def _unavailable(wishes: Wishes) -> Iterable[tuple[WallTime, WallTime]]:
    return ((_wall(one.start), _wall(one.end)) for one in wishes.unavailable)


def _wall(moment: str) -> WallTime:
    day, _, clock = moment.partition("T")
    return date.fromisoformat(day), minutes_of_day(clock)


def _last_day(horizon: Horizon) -> date:
    return horizon.first + timedelta(days=max(horizon.days - 1, 0))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
