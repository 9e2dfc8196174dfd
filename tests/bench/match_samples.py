"""Random rosters and applications from seeds, as realistic as the field is known: what `bench_match` asks the matcher.

A roster is that of a stored calendar: consultants all over the country with working weeks, part time, leave, themes, and half
hours that other courses hold. Of every four rosters one lives all over the country, one in the east and one in four towns (the closer,
the more of them cost about the same), and one is scarce: in four towns, nearly booked out, and few master what is asked for, so that
the winner stands late in the order and many who look cheap cannot come.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from services.scheduler.course import Request, Window
from services.scheduler.course_plan import question_of
from services.scheduler.grains import GRAINS_PER_DAY, capacity_key, claim_key, grain_of
from services.scheduler.problem import Problem
from services.scheduler.roster import Leave, RosterFacts
from services.scheduler.roster_calendar import HeldByConsultant, RosterCalendar
from shared.events import AvoidedHours, Matter, UnavailablePeriod, Wishes
from shared.programme import Programme
from shared.programme_plans import CoursePlan
from shared.reference.municipalities import load_municipalities
from shared.wall_times import WeekHours
from tests.factories import spark
from tests.scheduler_samples import AARHUS, COPENHAGEN, ODENSE, matter_of, request_of

KINDS = ("country", "east", "towns", "scarce")
EAST = ("hovedstaden", "sjaelland")
TOWNS = (COPENHAGEN, ODENSE, AARHUS, "851")
FIRST_DAY = date(2026, 11, 20)
DAYS_BETWEEN_ROSTERS = 37
"""Each roster is looked at from another day, so that windows fall over clock changes, Easter and the closed weeks."""
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEKS = tuple(
    WeekHours.model_validate(week)
    for week in (
        {day: [["08:00", "16:00"]] for day in WORKDAYS},
        {day: [["07:00", "15:30"]] for day in WORKDAYS},
        {day: [["08:30", "16:30"]] for day in WORKDAYS},
        {day: [["08:00", "16:00"]] for day in WORKDAYS[:4]},
        {day: [["08:00", "16:00"]] for day in WORKDAYS[:3]},
        {"tue": [["08:00", "18:00"]], "thu": [["08:00", "18:00"]]},
        {"mon": [["12:00", "17:00"]], "wed": [["08:00", "16:00"]], "fri": [["08:00", "12:00"]]},
    )
)
SHORT_DAYS = 120
"""Windows shorter than that get gaps of two weeks, others of four."""
CLAIM_HALF_HOURS = (2, 4, 6, 8, 9, 11, 13)
CLAIM_BEGINS = range(14, 28)
"""Half hours of the day, in UTC, at which a claim of another course begins; the wall clock shows one hour more, or two."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the questions are. `meetings` of None: the plan of SPARK for one workplace, as it is delivered."""

    consultants: int
    days: int
    meetings: int | None = None

    def __str__(self) -> str:
        return f"{self.consultants}x{self.days}x{self.meetings or 'spark'}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One application beside a roster."""

    calendar: RosterCalendar
    programme: Programme
    request: Request
    window: Window
    matter: Matter
    today: date

    def question(self) -> Problem:
        """What booking asks, made from the stored roster."""
        return question_of(
            self.request,
            self.window,
            self.matter,
            calendar=self.calendar,
            programme=self.programme,
            municipalities=load_municipalities(),
            workplace_key=bytes(32),
            today=self.today,
        )


def asked(size: Size, *, rosters: int, applications: int) -> Iterator[list[Asked]]:
    """Roster by roster its applications; the seed of a roster is its number."""
    programme = _programme(size)
    for seed in range(rosters):
        rng = Random(seed)
        kind = KINDS[seed % len(KINDS)]
        today = FIRST_DAY + timedelta(days=DAYS_BETWEEN_ROSTERS * seed)
        calendar = stored_roster(rng, size.consultants, size.days, programme, today=today, kind=kind)
        yield [_application(rng, size, programme, calendar, today=today, kind=kind) for _ in range(applications)]


def stored_roster(
    rng: Random, consultants: int, days: int, programme: Programme, *, today: date, kind: str
) -> RosterCalendar:
    """The calendar as a process of the scheduler has it once it has read what is stored."""
    notice = programme.notice_days("single")
    calendar = RosterCalendar(zone=programme.tz, horizon_days=days + notice, today=today)
    roster, held = roster_and_claims(rng, consultants, notice + days, programme, today=today, kind=kind)
    calendar.load(roster=roster, held=held)
    return calendar


def roster_and_claims(
    rng: Random, consultants: int, days: int, programme: Programme, *, today: date, kind: str
) -> tuple[dict[str, RosterFacts], HeldByConsultant]:
    """What is stored: the facts of all consultants, and what courses hold of each over so many days."""
    roster: dict[str, RosterFacts] = {}
    held: dict[str, dict[str, list[str]]] = {}
    for number in range(consultants):
        name = f"c{number:05}"
        facts = roster[name] = _consultant(rng, programme, today, days, kind=kind)
        busy = rng.uniform(0.75, 0.98) if kind == "scarce" else rng.uniform(0.15, 0.75)
        held[name] = _courses(rng, name, facts, today, days, share=busy)
    return roster, held


def _programme(size: Size) -> Programme:
    programme = spark()
    if size.meetings is None:
        return programme
    gap = {"min": 10, "ideal": 14, "max": 24} if size.days < SHORT_DAYS else {"min": 14, "ideal": 28, "max": 42}
    words = {"da": "møde", "en": "meeting"}
    meetings = [
        {
            "code": f"m{place}",
            "kind": "meeting",
            "name": words,
            "participants": words,
            "minutes": minutes,
            "place": "online" if place == size.meetings - 1 else "workplace",
            "gap_days": gap if place else None,
        }
        for place, minutes in enumerate([120, *[180] * (size.meetings - 2), 60])
    ]
    plan = CoursePlan.model_validate({"name": words, "meetings": meetings})
    return programme.model_copy(update={"plans": {**programme.plans, "single": plan}})


def _consultant(rng: Random, programme: Programme, today: date, days: int, *, kind: str) -> RosterFacts:
    """Half of them work five days a week; each has a holiday, and one of six is away for long."""
    holiday = today + timedelta(days=rng.randrange(days))
    leave = [Leave(first=holiday, last=holiday + timedelta(days=rng.choice([4, 11, 18])))]
    if rng.random() < 1 / 6:
        away = today + timedelta(days=rng.randrange(days))
        leave.append(Leave(first=away, last=away + timedelta(days=rng.randrange(20, 90))))
    themes = [theme.code for theme in programme.themes]
    return RosterFacts(
        municipality=rng.choice(_homes(kind)),
        hours=rng.choices(WEEKS, weights=(4, 2, 1, 3, 1, 1, 1))[0],
        leave=tuple(leave),
        themes=tuple(rng.sample(themes, rng.randint(1, 3) if kind == "scarce" else rng.randint(3, len(themes)))),
        sectors=tuple(rng.sample([sector.code for sector in programme.sectors], rng.randint(2, 6))),
        max_courses=rng.randint(4, 10),
    )


@cache
def _homes(kind: str) -> Sequence[str]:
    if kind in {"towns", "scarce"}:
        return TOWNS
    regions = {one.code: one.region_on(FIRST_DAY).code for one in load_municipalities()}
    return [code for code, region in regions.items() if kind == "country" or region in EAST]


def _courses(
    rng: Random, name: str, facts: RosterFacts, today: date, days: int, *, share: float
) -> dict[str, list[str]]:
    """The claims of the courses that she holds: on that share of the workdays one, and her places for active courses."""
    workdays = [day for day in range(days) if (today + timedelta(days=day)).weekday() < len(WORKDAYS)]
    taken = rng.sample(workdays, int(len(workdays) * share))
    midnight = grain_of(datetime.combine(today, time(), tzinfo=UTC))
    active = rng.randint(0, facts.max_courses)
    courses: dict[str, list[str]] = {}
    for course in range(max(active, 1)):
        grains: list[int] = []
        for day in taken[course :: max(active, 1)]:
            begin = midnight + day * GRAINS_PER_DAY + rng.choice(CLAIM_BEGINS)
            grains += range(begin, begin + rng.choice(CLAIM_HALF_HOURS))
        places = [capacity_key(name, course)] * (course < active)
        courses[f"{name}-{course}"] = [*(name + _key_end(grain) for grain in grains), *places]
    return courses


@cache
def _key_end(grain: int) -> str:
    return claim_key("", grain)


def _application(
    rng: Random, size: Size, programme: Programme, calendar: RosterCalendar, *, today: date, kind: str
) -> Asked:
    """A workplace anywhere in the country, with a wish or two."""
    home = rng.choice(_homes("east" if kind == "east" else "country"))
    earliest = today + timedelta(days=programme.notice_days("single"))
    last = earliest + timedelta(days=size.days - 1)
    out = earliest + timedelta(days=rng.randrange(size.days))
    wishes = Wishes(
        avoid_weekdays=tuple(rng.sample(WORKDAYS, rng.randint(0, 2))),
        avoid_hours=tuple(
            AvoidedHours(weekday=day, from_time="00:00", to_time="12:00")
            for day in rng.sample(WORKDAYS, rng.randint(0, 4 if kind == "scarce" else 2))
        ),
        unavailable=(UnavailablePeriod(start=f"{out}T00:00", end=f"{out + timedelta(days=rng.randint(1, 20))}T24:00"),),
        preferred_hours=rng.choice([None, ("08:30", "12:00"), ("12:00", "15:30")]),
    )
    return Asked(
        calendar=calendar,
        programme=programme,
        request=request_of(
            municipalities=(home,),
            sector=rng.choice(programme.sectors).code,
            earliest_start=earliest,
            wishes=wishes,
            submitted_at=datetime.combine(today, time(9), tzinfo=UTC),
        ),
        window=Window(earliest=earliest, latest_start=last, latest=last),
        matter=matter_of(
            themes=tuple(rng.sample([theme.code for theme in programme.themes], rng.randint(1, 2))), municipality=home
        ),
        today=today,
    )
