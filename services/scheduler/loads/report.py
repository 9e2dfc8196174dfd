"""The load of each consultant by month, and the published measure of how fairly it is shared. Pure."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.scheduler.grains import GRAIN_MINUTES
from services.scheduler.loads.available import available_minutes
from services.scheduler.loads.claimed import ByCourse, ByMonth, kept
from services.scheduler.loads.months import first_day, last_day, month_of, months_between
from services.scheduler.roster import RosterFacts

ENDED_AFTER = timedelta(days=2)
"""A month counts as ended so long after its last day."""

ClosedDays = Callable[[date, date], AbstractSet[date]]
"""The days without meetings from one to the other, both included."""


@dataclass(frozen=True, slots=True)
class Load:
    """One consultant in one month. Claimed are meetings with the travel and the time to set up around them.

    `courses` are those that take time of hers in that month.
    """

    consultant: str
    courses: int
    claimed_minutes: int
    available_minutes: int

    @property
    def ratio(self) -> float | None:
        """Claimed by available time; None for who has no working hours in that month."""
        return self.claimed_minutes / self.available_minutes if self.available_minutes else None


@dataclass(frozen=True, slots=True)
class RecordedLoad:
    """What is stored of one consultant and month; `ended` once the month is over and courses are no longer told apart."""

    month: str
    consultant: str
    available_minutes: int
    by_course: ByCourse
    ended: Load | None = None


@dataclass(frozen=True, slots=True)
class MonthLoad:
    """Everybody's load in one month, by id. `fairness` is Jain's index; None where nobody could be asked."""

    month: str
    loads: tuple[Load, ...]
    fairness: float | None


def load_report(
    *,
    first: str,
    last: str,
    recorded: Iterable[RecordedLoad],
    claimed: ByMonth,
    roster: Mapping[str, RosterFacts],
    closed_days: ClosedDays,
    today: date,
) -> list[MonthLoad]:
    """The months from `first` to `last`: past ones as recorded, later ones from the roster and what is claimed now."""
    known = {(one.month, one.consultant): one for one in recorded}
    report = []
    for month in months_between(first, last):
        closed = closed_days(first_day(month), last_day(month))
        people = {who for at, who in (*known, *claimed) if at == month}
        if month >= month_of(today):
            people |= roster.keys()
        loads = []
        for who in sorted(people):
            one = recorded_load(
                month,
                who,
                known=known.get((month, who)),
                claimed=claimed.get((month, who), {}),
                facts=roster.get(who),
                closed=closed,
                today=today,
            )
            loads.append(one.ended or load_of(one))
        there = tuple(one for one in loads if one.claimed_minutes or one.available_minutes)
        report.append(MonthLoad(month, there, fairness(there)))
    return report


def to_record(
    *,
    roster: Mapping[str, RosterFacts],
    claimed: ByMonth,
    known: Mapping[tuple[str, str], RecordedLoad],
    closed_days: ClosedDays,
    today: date,
) -> list[RecordedLoad]:
    """What is to be written now: the present month of everybody, and earlier ones that have not ended; nothing twice.

    `claimed` holds no later month, and none that has ended; `known` what is recorded of months that have not.
    """
    changed = []
    due = {*known, *claimed, *((month_of(today), who) for who in roster)}
    closed = {month: closed_days(first_day(month), last_day(month)) for month in {month for month, _ in due}}
    for month, who in sorted(due):
        before = known.get((month, who))
        now = recorded_load(
            month,
            who,
            known=before,
            claimed=claimed.get((month, who), {}),
            facts=roster.get(who),
            closed=closed[month],
            today=today,
        )
        if last_day(month) + ENDED_AFTER < today:
            now = replace(now, by_course={}, ended=load_of(now))
        if now != before:
            changed.append(now)
    return changed


def recorded_load(
    month: str,
    consultant: str,
    *,
    known: RecordedLoad | None,
    claimed: ByCourse,
    facts: RosterFacts | None,
    closed: AbstractSet[date],
    today: date,
) -> RecordedLoad:
    """What is to be recorded of one consultant and month now; a month that has ended stays as it is."""
    if known is not None and known.ended is not None:
        return known
    if facts is None or (known is not None and month < month_of(today)):
        # Hours that are changed later do not change what a month was.
        available = 0 if known is None else known.available_minutes
    else:
        available = available_minutes(facts, month, closed)
    return RecordedLoad(month, consultant, available, kept({} if known is None else known.by_course, claimed, today))


def load_of(one: RecordedLoad) -> Load:
    half_hours = sum(sum(days.values()) for days in one.by_course.values())
    return Load(one.consultant, len(one.by_course), half_hours * GRAIN_MINUTES, one.available_minutes)


def fairness(loads: Iterable[Load]) -> float | None:
    """Jain's index of the ratios: (sum of x)^2 / (n * sum of x^2), over everybody with working hours.

    1 where all are loaded alike (nobody at all included), 1/n where one of n has everything. R. Jain, D. Chiu, W. Hawe:
    A Quantitative Measure of Fairness and Discrimination (1984).
    """
    ratios = [one.ratio for one in loads if one.ratio is not None]
    if not ratios:
        return None
    squares = sum(ratio * ratio for ratio in ratios)
    return sum(ratios) ** 2 / (len(ratios) * squares) if squares else 1.0
