"""The roster and its held half hours in memory, as the bitmaps that the matcher wants. Pure: others load and refresh it.

It may be stale without harm: the unique index over the stored claims has the last word on every booking.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.scheduler.availability import Horizon, WallTime, free_wide, wall_bits, wall_bits_from
from services.scheduler.calendars.busy import NOTHING_BUSY, Busy
from services.scheduler.grains import DAY_MINUTES, GRAINS_PER_DAY, parse_capacity_key, parse_claim_key
from services.scheduler.groups import Groups, Member
from services.scheduler.roster import HoursPeriod, RosterFacts
from shared.wall_times import WeekHours

Claims = Sequence[str]
HeldByConsultant = Mapping[str, Mapping[str, Claims]]
"""Claim keys by consultant id and course id."""


class Candidate(NamedTuple):
    """A consultant who may be asked, with her free time as a wide bitmap of one horizon.

    `week` is the same number for all whose working hours are equal.
    """

    id: str
    facts: RosterFacts
    themes: frozenset[str]
    sectors: frozenset[str]
    week: int
    free: int
    active_courses: int


@dataclass(frozen=True, slots=True)
class _Held:
    """What one course holds of one consultant, as numbers: as keys it would be twenty times as large.

    `digest` stands for the keys, so that the same ones need not be read again.
    """

    digest: int
    grains: "array[int]"
    places: tuple[int, ...]

    def within(self, other: "_Held") -> bool:
        return set(self.grains).issubset(other.grains) and set(self.places).issubset(other.places)


_NOTHING_HELD = _Held(hash(()), array("q"), ())


class RosterCalendar:
    """One process's picture of who is free when, over the days from `today` to the programme's horizon."""

    def __init__(self, *, zone: ZoneInfo, horizon_days: int, today: date) -> None:
        self._zone = zone
        self._days = horizon_days + 1
        self._span = Horizon(first=today, days=self._days, zone=zone)
        self._roster: dict[str, RosterFacts] = {}
        # Who was left out since, with what the roster said of her then.
        self._left_out: dict[str, RosterFacts | None] = {}
        self._held: dict[str, dict[str, _Held]] = {}
        self._busy: dict[str, Busy] = {}
        # What questions need of each, with the free time of the whole span; worked out anew after every change of hers.
        self._known: dict[str, Candidate] = {}
        # Of the active ones, in the order of ids; None after a change of the roster.
        self._groups: Groups | None = None
        self._weeks: dict[tuple[WeekHours, tuple[HoursPeriod, ...]], int] = {}
        # Raised by whatever may help an application that waits: a change of the roster, a course let go, a new day.
        self.openings = 0
        # Up to here, every opening was offered to everybody who waits.
        self.offered = 0

    def load(self, *, roster: Mapping[str, RosterFacts], held: HeldByConsultant) -> None:
        """Take the stored state for the truth; what is as it was known costs next to nothing."""
        roster = {who: facts for who, facts in roster.items() if not self.is_left_out(who, facts)}
        if roster != self._roster:
            self._groups = None
            self.openings += 1
        for who in self._known.keys() - {who for who, facts in roster.items() if facts == self._roster.get(who)}:
            del self._known[who]
        self._roster = roster
        for who in self._held.keys() | held.keys():
            self.replace_held(who, held.get(who, {}))

    def roll(self, today: date) -> None:
        """Move to a new day."""
        if today != self._span.first:
            self._span = Horizon(first=today, days=self._days, zone=self._zone)
            self._known.clear()
            self.openings += 1

    def put(self, consultant_id: str, facts: RosterFacts) -> None:
        self._roster[consultant_id] = facts
        self._groups = None
        self._known.pop(consultant_id, None)
        self.openings += 1

    def opened(self) -> None:
        """Something that is no change of the roster may help an application that waits."""
        self.openings += 1

    def was_offered(self, openings: int) -> None:
        """Everybody who waits was tried when the count of openings was this, or nobody waited."""
        self.offered = max(self.offered, openings)

    def not_offered_since(self, openings: int) -> None:
        """Somebody joined those who wait, who was tried when the count of openings was this."""
        self.offered = min(self.offered, openings)

    def load_busy(self, busy: Mapping[str, Busy]) -> None:
        """Take what is stored of consultants' own calendars for the truth."""
        for who in self._busy.keys() | busy.keys():
            self.put_busy(who, busy.get(who))

    def put_busy(self, consultant_id: str, busy: Busy | None) -> bool:
        """When her own calendar says that she is busy (None: it says nothing); return whether that is new."""
        known, busy = self.busy_of(consultant_id), busy or NOTHING_BUSY
        if known == busy:
            return False
        self._busy[consultant_id] = busy
        self._known.pop(consultant_id, None)
        if known.frees(busy):
            self.openings += 1
        return True

    def busy_of(self, consultant_id: str) -> Busy:
        return self._busy.get(consultant_id, NOTHING_BUSY)

    def facts_of(self, consultant_id: str) -> RosterFacts | None:
        """What was last seen of her."""
        return self._roster.get(consultant_id)

    def drop(self, consultant_id: str) -> None:
        """Leave her out until the roster says something else of her: she was erased, and it goes on listing her number."""
        self._left_out[consultant_id] = self._roster.pop(consultant_id, self._left_out.get(consultant_id))
        self._groups = None

    def is_left_out(self, consultant_id: str, facts: RosterFacts) -> bool:
        """Whether the roster said just this of her when she was left out."""
        return self._left_out.get(consultant_id) == facts

    def replace_held(self, consultant_id: str, held: Mapping[str, Claims]) -> None:
        """What a fresh look into the database says of one consultant."""
        known = self._held.get(consultant_id, {})
        fresh = {course: _read(claims, known.get(course)) for course, claims in held.items()}
        if known.keys() - fresh.keys():
            self.openings += 1
        if fresh != known:
            self._held[consultant_id] = fresh
            self._known.pop(consultant_id, None)

    def hold(self, course_id: str, held: Mapping[str, Claims]) -> None:
        """What a course holds from now on, by consultant, in the place of what it held before."""
        fresh = {consultant_id: _read(claims) for consultant_id, claims in held.items()}
        for consultant_id, courses in self._held.items():
            known = courses.get(course_id)
            if known is not None and not known.within(fresh.get(consultant_id, _NOTHING_HELD)):
                del courses[course_id]
                self._known.pop(consultant_id, None)
                self.openings += 1
        for consultant_id, one in fresh.items():
            self._held.setdefault(consultant_id, {})[course_id] = one
            self._known.pop(consultant_id, None)

    def held_by_others(self, consultant_id: str, course_id: str) -> frozenset[int]:
        """Half hours (UTC grains) that courses other than this one hold of her."""
        courses = self._held.get(consultant_id, {})
        return frozenset(grain for course, held in courses.items() if course != course_id for grain in held.grains)

    def release(self, course_id: str) -> None:
        self.hold(course_id, {})

    def free_place(self, consultant_id: str) -> int | None:
        """The lowest of her places for active courses that nobody holds; None where she has no more.

        After her limit was lowered she may hold places beyond it: they count, so that a low one that comes free stays free.
        """
        taken = {place for held in self._held.get(consultant_id, {}).values() for place in held.places}
        limit = self._roster[consultant_id].max_courses
        return None if len(taken) >= limit else next(place for place in range(limit) if place not in taken)

    def candidates(self, horizon: Horizon, *, without: str | None = None) -> list[Candidate]:
        """Every active consultant, in the order of ids, as if the course `without` held nothing.

        What that course holds is free for it, whatever her own calendar says: no calendar breaks a booking.
        """
        behind = (horizon.wide_first - self._span.wide_first).days
        within = 0 <= behind <= self._span.wide_days - horizon.wide_days
        shift, mask = behind * GRAINS_PER_DAY, (1 << horizon.wide_days * GRAINS_PER_DAY) - 1
        found = []
        for consultant_id, facts in sorted(self._roster.items()):
            if not facts.active:
                continue
            if within and (without is None or without not in self._held.get(consultant_id, {})):
                known = self._known.get(consultant_id) or self._know(consultant_id, facts)
                _, _, themes, sectors, week, free, active = known
                found.append(Candidate(consultant_id, facts, themes, sectors, week, free >> shift & mask, active))
            else:
                found.append(self._candidate(horizon, consultant_id, facts, without))
        return found

    def groups(self) -> Groups:
        """Those of whom `candidates` tells, in the same order."""
        if self._groups is None:
            active = (facts for _, facts in sorted(self._roster.items()) if facts.active)
            self._groups = Groups([_member(facts) for facts in active])
        return self._groups

    def _know(self, consultant_id: str, facts: RosterFacts) -> Candidate:
        known = self._known[consultant_id] = self._candidate(self._span, consultant_id, facts)
        return known

    def _candidate(
        self, horizon: Horizon, consultant_id: str, facts: RosterFacts, without: str | None = None
    ) -> Candidate:
        courses = self._held.get(consultant_id, {})
        others = [held for course, held in courses.items() if course != without]
        own = courses[without].grains if without is not None and without in courses else ()
        return Candidate(
            id=consultant_id,
            facts=facts,
            themes=frozenset(facts.themes),
            sectors=frozenset(facts.sectors),
            week=self._weeks.setdefault((facts.hours, facts.hours_by_period), len(self._weeks)),
            free=self._work_out(horizon, consultant_id, facts, others, own),
            active_courses=sum(len(held.places) for held in others),
        )

    def _work_out(
        self,
        horizon: Horizon,
        consultant_id: str,
        facts: RosterFacts,
        held: Iterable[_Held],
        own: Iterable[int] = (),
    ) -> int:
        taken = wall_bits(horizon, (grain for one in held for grain in one.grains))
        known = self.busy_of(consultant_id)
        busy = wall_bits_from(horizon, known.first, known.bits) & ~wall_bits(horizon, own)
        return free_wide(horizon, _leave(facts)) & ~(taken | busy)


def _member(facts: RosterFacts) -> Member:
    home = facts.municipality, tuple(sorted(facts.travel_overrides.items()))
    return Member(home, facts.themes, facts.sectors)


def _leave(facts: RosterFacts) -> Iterable[tuple[WallTime, WallTime]]:
    # To minute 1440 of the last day: "until further notice" is often written as the last day that there is.
    return (((leave.first, 0), (leave.last, DAY_MINUTES)) for leave in facts.leave)


def _read(claims: Claims, known: _Held | None = None) -> _Held:
    """The keys as numbers; reading the same keys again is spared."""
    digest = hash(tuple(claims))
    if known is not None and known.digest == digest:
        return known
    grains, places = array("q"), []
    for key in claims:
        if "|" in key:
            grains.append(parse_claim_key(key)[1])
        else:
            places.append(parse_capacity_key(key)[1])
    return _Held(digest, grains, tuple(places))
