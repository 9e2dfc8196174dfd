"""Whether a course plan can be held at all: an exact look at the calendar, for the closest consultant there could be. Pure.

Meetings may be impossible on some days only, around the summer say; those periods can be listed, and refuse nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from shared.events import CourseKind
from shared.programme_meetings import GRAIN_MINUTES, PlannedMeeting
from shared.programme_parts import ALL_MUNICIPALITIES
from shared.wall_times import WEEKDAYS, minutes_of_day

if TYPE_CHECKING:
    from shared.programme import Programme

CHECKED_FROM: Final = date(2027, 1, 1)
CHECKED_DAYS: Final = 731
"""A plan is refused for two whole years that never change, so that the same file has the same verdict on every day."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a plan can never be held; `path` is the field within the plan."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def unfit(programme: "Programme", kind: CourseKind, code: str | None) -> Unfit | None:
    """Why no course of this kind in this format could ever be booked; None where one can.

    A meeting is longer than the hours that there are, or from every start day some gap leads to closed days only.
    """
    plan = programme.plans[kind]
    meetings = plan.meetings_of(code)
    for meeting in meetings:
        path = f"{plan.path_of(meeting)}.minutes"
        if not _weekdays(meeting, programme, travelling=False):
            return Unfit(path, "is longer than every interval of workplace_hours, so it could never be held")
        if not _weekdays(meeting, programme, travelling=True):
            return Unfit(
                path, "fits into no weekday's workplace_hours within matching.travel_hours, setting up included"
            )
    chain = _chain(programme, kind, code, first=CHECKED_FROM, days=CHECKED_DAYS)
    furthest = 0
    for start in range(CHECKED_DAYS):
        furthest = max(furthest, chain.reached(start, until=start + chain.longest))
        if furthest == len(meetings):
            return None
    if not furthest:
        return Unfit(plan.path_of(meetings[0]), "could never be held: every day with hours for it is closed")
    return Unfit(
        f"{plan.path_of(meetings[furthest])}.gap_days",
        "can never be kept: whenever a course begins, all days within the gap are closed, or lie after windows.horizon_days",
    )


def periods_without_start(
    programme: "Programme", kind: CourseKind, code: str | None, *, first: date, days: int, least_days: int
) -> list[Period]:
    """Where, within `days` from `first` on, no course of this kind can begin for `least_days` in a row or more.

    Either those days are closed, or a later meeting would have none but closed ones. School holidays count where all
    municipalities have them.
    """
    chain = _chain(programme, kind, code, first=first, days=days, municipalities=(ALL_MUNICIPALITIES,))
    dead = [chain.reached(day, until=day + chain.longest) < len(chain.fitting) for day in range(days)]
    return [one for one in _periods(first, dead) if one.days >= least_days]


def periods_without_course(
    programme: "Programme", kind: CourseKind, code: str | None, *, first: date, days: int
) -> list[Period]:
    """Where, within `days` from `first` on, an application comes in vain: no start within its window leads to a course."""
    windows, notice = programme.windows, programme.notice_days(kind, code)
    ahead = days + windows.first_meeting_within_days
    chain = _chain(programme, kind, code, first=first, days=ahead, municipalities=(ALL_MUNICIPALITIES,))
    dead = [
        not any(
            chain.reached(start, until=day + windows.horizon_days) == len(chain.fitting)
            for start in range(day + notice, day + windows.first_meeting_within_days + 1)
        )
        for day in range(days)
    ]
    return _periods(first, dead)


def _periods(first: date, dead: Sequence[bool]) -> list[Period]:
    """The runs of dead days."""
    found: list[Period] = []
    for day, is_dead in enumerate(dead):
        today = first + timedelta(days=day)
        if is_dead and found and found[-1].last == today - timedelta(days=1):
            found[-1] = Period(found[-1].first, today)
        elif is_dead:
            found.append(Period(today, today))
    return found


@dataclass(frozen=True, slots=True)
class _Chain:
    """`fitting` has a bitmap of days for each meeting, `longest` is how many days after its start a course may last."""

    fitting: Sequence[int]
    gaps: Sequence[tuple[int, int]]
    longest: int

    def reached(self, start: int, *, until: int) -> int:
        """How many meetings, from the first on, a course that begins on this day can hold until that day."""
        before_end = (1 << until + 1) - 1
        days = self.fitting[0] & 1 << start
        for count, (least, most) in enumerate(self.gaps):
            if not days:
                return count
            days = _spread(days << least, most - least) & self.fitting[count + 1] & before_end
        return len(self.fitting) if days else len(self.fitting) - 1


def _chain(
    programme: "Programme",
    kind: CourseKind,
    code: str | None,
    *,
    first: date,
    days: int,
    municipalities: Sequence[str] = (),
) -> _Chain:
    """For starts on so many days from `first` on, which is bit 0."""
    meetings = programme.plans[kind].meetings_of(code)
    longest = programme.windows.horizon_days - programme.notice_days(kind, code)
    last = days + longest
    closed = programme.closed_days(first, first + timedelta(days=last), municipalities=municipalities)
    by_weekday = [0] * len(WEEKDAYS)
    for day in range(last + 1):
        if first + timedelta(days=day) not in closed:
            by_weekday[(first.weekday() + day) % len(WEEKDAYS)] |= 1 << day
    return _Chain(
        fitting=[
            sum(by_weekday[weekday] for weekday in _weekdays(one, programme, travelling=True)) for one in meetings
        ],
        gaps=[(one.gap_days.min, one.gap_days.max) for one in meetings if one.gap_days],
        longest=longest,
    )


def _spread(days: int, more: int) -> int:
    """The days, and for each of them as many days after it."""
    reach = 0
    while reach < more:
        step = min(reach + 1, more - reach)
        days |= days << step
        reach += step
    return days


def _weekdays(meeting: PlannedMeeting, programme: "Programme", *, travelling: bool) -> list[int]:
    """Weekdays on which workplaces have hours for the meeting, and where asked for, somebody next door could come."""
    return [
        number
        for number, day in enumerate(WEEKDAYS)
        if any(
            begin + meeting.minutes <= end
            for begin, end in _grains(meeting, programme.workplace_hours.of(day), programme, travelling=travelling)
        )
    ]


def _grains(
    meeting: PlannedMeeting, hours: Sequence[tuple[str, str]], programme: "Programme", *, travelling: bool
) -> Iterator[tuple[int, int]]:
    """Each interval in minutes of the day, from the first half hour in it to its end."""
    rules = programme.matching
    setup = 0 if meeting.place == "online" else rules.setup_minutes
    earliest = _half_hours(minutes_of_day(rules.travel_hours[0])) + _half_hours(setup)
    latest = minutes_of_day(rules.travel_hours[1])
    for begin, end in hours:
        low, high = _half_hours(minutes_of_day(begin)), minutes_of_day(end)
        yield (max(low, earliest), min(high, latest)) if travelling else (low, high)


def _half_hours(minutes: int) -> int:
    """Rounded up to whole half hours, at which meetings start."""
    return -(-minutes // GRAIN_MINUTES) * GRAIN_MINUTES
