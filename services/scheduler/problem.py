"""What the matcher is asked, prepared: the course, the places with their free time, and the roster as bitmaps.

Built from a file by `instance.py` and from the database by the booking use cases; nothing in it is looked up later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.scheduler.availability import MARGIN_DAYS, Horizon, Interval, WallTime, WorkingHours
from services.scheduler.grains import DAY_MINUTES
from services.scheduler.groups import Groups

WORKPLACE = "workplace"
ONLINE = "online"
FIRST_ONLINE = "first-online"
"""Place of a first meeting online: closed after the last day for it."""
ONLINE_PLACES = frozenset({ONLINE, FIRST_ONLINE})
"""Nobody travels there."""
# Travel and setting up must end within the margin of the wide bitmaps.
TRAVEL_MINUTES_MAX = SETUP_MINUTES_MAX = MARGIN_DAYS * DAY_MINUTES // 2
# Plans are searched recursively, one level per meeting.
MEETINGS_MAX = 60


@dataclass(frozen=True, slots=True)
class GapDays:
    """Allowed and ideal number of local dates from the meeting before: 1 <= min <= ideal <= max."""

    min: int
    ideal: int
    max: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """One sitting of the course plan. `gap` is None for the first meeting and only there."""

    code: str
    minutes: int
    place: str
    gap: GapDays | None = None
    # The second consultant takes part, where one is needed.
    co: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """When a place can be met at: its hours, and window bitmaps of half hours it is free and of days not closed.

    The site of online meetings has the workplace's hours and free time, and the closed days of the programme.
    """

    hours: WorkingHours
    free: int
    open_days: int


# Never changed once made; not frozen, since every question makes one for each of the roster, and frozen takes three times as long.
@dataclass(slots=True)
class Consultant:
    """One person of the roster; `free` is a wide bitmap without leave, external calendar and held claims."""

    id: str
    themes: frozenset[str]
    sectors: frozenset[str]
    hours: WorkingHours
    free: int
    # Minutes one way to every place that is not online, at most TRAVEL_MINUTES_MAX.
    travel_minutes: Mapping[str, int]
    active_courses: int
    max_courses: int
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """The programme's price of each inconvenience, integers >= 0."""

    wait_day: int
    gap_day: int
    travel_10min: int
    outside_preferred: int
    avoided_weekday: int
    load_tenth: int
    no_sector: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of the very tuple `people`: they say nothing of another one, in which somebody may have been changed."""

    people: tuple[Consultant, ...]
    groups: Groups


@dataclass(frozen=True, slots=True)
class Problem:
    """One application, one course plan, one roster. A horizon of 0 days stands for earliest > latest."""

    horizon: Horizon
    meetings: tuple[Meeting, ...]
    # By place: WORKPLACE, ONLINE and each venue.
    sites: Mapping[str, Site]
    consultants: tuple[Consultant, ...]
    weights: Weights
    themes: tuple[str, ...]
    sector: str | None
    # Minutes of the local day between which consultants travel and meet.
    travel_hours: Interval
    setup_minutes: int
    preferred_hours: Interval | None
    avoid_weekdays: frozenset[int]
    # Enough participants for a second consultant at the meetings marked `co`.
    second_needed: bool = False
    # Spares a search the look at everybody, as long as these are the consultants.
    grouped: Grouped | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Booked:
    """A course as it is booked: who holds it, and the wall time at which each of its meetings starts, in plan order.

    A meeting that was added to the plan since has no start yet; one before it was always booked.
    """

    consultant: str
    second: str | None
    starts: tuple[WallTime | None, ...]
