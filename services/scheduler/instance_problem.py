"""From an instance file to the matcher's prepared problem: intervals become bitmaps, numbers of travel become places."""

from datetime import UTC, datetime, time, timedelta

from services.scheduler.availability import Horizon, Interval, WorkingHours, free_wide, window_of
from services.scheduler.instance_format import WEEKDAYS, ConsultantPart, Instance, WeekHours
from services.scheduler.problem import (
    ONLINE,
    WORKPLACE,
    Booked,
    Consultant,
    GapDays,
    Meeting,
    Problem,
    Site,
    Weights,
)

_Hours = dict[tuple[tuple[Interval, ...], ...], WorkingHours]


def problem_of(instance: Instance) -> Problem:
    """Prepare a checked instance for `match`."""
    days = max((instance.latest - instance.earliest).days + 1, 0)
    horizon = Horizon(first=instance.earliest, days=days, zone=instance.zone_info)
    shared: _Hours = {}
    enough, participants = instance.co_from_participants, instance.participants
    return Problem(
        horizon=horizon,
        meetings=tuple(
            Meeting(
                code=one.code,
                minutes=one.minutes,
                place=one.place,
                gap=None if one.gap_days is None else GapDays(one.gap_days.min, one.gap_days.ideal, one.gap_days.max),
                co=one.co,
            )
            for one in instance.meetings
        ),
        sites=_sites(instance, horizon, shared),
        consultants=tuple(_consultant(one, instance, horizon, shared) for one in instance.consultants),
        weights=Weights(**instance.weights.model_dump()),
        themes=tuple(instance.themes),
        sector=instance.sector,
        travel_hours=instance.travel_hours,
        setup_minutes=instance.setup_minutes,
        preferred_hours=instance.workplace.preferred_hours,
        avoid_weekdays=frozenset(WEEKDAYS.index(day) for day in instance.workplace.avoid_weekdays),
        second_needed=enough is not None and participants is not None and participants >= enough,
    )


def widened(instance: Instance, days: int) -> Problem:
    """The same question with the window that many days wider at both ends."""
    by = timedelta(days=days)
    window = {"earliest": instance.earliest - by, "latest": instance.latest + by}
    return problem_of(instance.model_copy(update=window))


def booked_of(instance: Instance) -> tuple[Booked, datetime] | None:
    """The booked course that a checked instance wants repaired, with the instant at which it is; None where it has none."""
    booked, now = instance.booked, instance.now
    if booked is None or now is None:
        return None
    day, minute = now
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=instance.zone_info)
    return Booked(booked.consultant, booked.second, tuple(booked.starts)), wall.astimezone(UTC)


def _sites(instance: Instance, horizon: Horizon, shared: _Hours) -> dict[str, Site]:
    workplace = Site(
        hours=_hours(instance.workplace.hours, horizon, shared),
        free=window_of(horizon, free_wide(horizon, instance.workplace.unavailable)),
        open_days=horizon.without_days(instance.closed_days),
    )
    sites = {WORKPLACE: workplace, ONLINE: workplace}
    for name, venue in instance.venues.items():
        sites[name] = Site(
            hours=_hours(venue.hours, horizon, shared),
            free=window_of(horizon, free_wide(horizon, venue.unavailable)),
            open_days=horizon.without_days([*instance.closed_days, *venue.closed_days]),
        )
    return sites


def _consultant(one: ConsultantPart, instance: Instance, horizon: Horizon, shared: _Hours) -> Consultant:
    travel = one.travel_minutes
    return Consultant(
        id=one.id,
        themes=frozenset(one.themes),
        sectors=frozenset(one.sectors),
        hours=_hours(one.hours, horizon, shared),
        free=free_wide(horizon, one.unavailable),
        travel_minutes=travel if isinstance(travel, dict) else dict.fromkeys((WORKPLACE, *instance.venues), travel),
        active_courses=one.active_courses,
        max_courses=one.max_courses,
        blocked=one.blocked,
    )


def _hours(week: WeekHours, horizon: Horizon, shared: _Hours) -> WorkingHours:
    """Equal weeks share one object, which remembers the starts that it worked out."""
    key = tuple(tuple(getattr(week, day)) for day in WEEKDAYS)
    if key not in shared:
        shared[key] = WorkingHours(horizon, dict(enumerate(key)))
    return shared[key]
